/*
 * What a page has in development besides: it follows changes of the code without being loaded anew, shows what goes
 * wrong, and can be given a bad network. Input: the server's stream (`/islet/dev`), and events of the page's own
 * elements. Output: a page that is up to date, an overlay, lines in the console.
 */

import { startNetwork } from './network.ts';
import { hide, isShown, type Problem, show } from './panel.ts';
import { refresh } from './refresh.ts';
import { placeInSources } from './source-places.ts';
import { watchElements } from './unknown-elements.ts';
import { setRoutes, watchPredictions } from './unpredicted.ts';

const here = new URL('.', import.meta.url).href;
const own = new URL(import.meta.url).searchParams;
const retryMs = 150;

/** The start of the server that this page is up to date with. */
let server = own.get('server');
/** The code cannot be built: what is shown goes when it can. */
let isBroken = false;
/** What stood in for the server last. */
let said: string | undefined;
/** Warnings of the server that the console has: a stream begins with all of them. */
const warned = new Set<string>();

startNetwork(own.get('latency'));
listen();
watchElements();
watchPredictions();

addEventListener('islet:state', (event) => {
  const { state, code } = (event as CustomEvent<{ state: string; code?: string }>).detail;
  if (state !== 'failed') return;
  const route = routeOf(event.target);
  // what the server tells says more
  if (!isShown()) show({ title: `An island has failed: ${code}`, facts: [['route', route]], text: adviceFor(code) });
});
// of a component that runs here
addEventListener('islet:problem', async (event) => {
  const { title, facts, text: stack } = (event as CustomEvent<Problem>).detail;
  const { text, where } = await placeInSources(stack);
  show({ title, facts: where === undefined ? facts : [...facts, ['where', where]], text });
});

function listen(): void {
  const stream = new EventSource(`${here}dev`);
  stream.addEventListener('hello', ({ data }) => {
    if (server === data) return;
    server = data;
    isBroken = false;
    said = undefined;
    warned.clear();
    hide();
    // islands that wait for a server need not wait any longer
    dispatchEvent(new Event('online'));
    void refresh();
  });
  stream.addEventListener('changed', () => {
    mend();
    void refresh();
  });
  stream.addEventListener('broken', ({ data }) => {
    isBroken = true;
    tell(JSON.parse(data));
  });
  stream.addEventListener('mended', mend);
  stream.addEventListener('problem', ({ data }) => tell(JSON.parse(data)));
  stream.addEventListener('routes', ({ data }) => setRoutes(JSON.parse(data)));
  stream.addEventListener('warning', ({ data }) => {
    const text = JSON.parse(data);
    if (!warned.has(text)) console.warn(`islet: ${text}`);
    warned.add(text);
  });
  stream.onerror = () => {
    stream.close();
    setTimeout(retry, retryMs);
  };
}

function mend(): void {
  if (isBroken) hide();
  isBroken = false;
}

function tell(problem: Problem): void {
  console.error(`islet: ${problem.title}\n${problem.facts.map((fact) => fact.join(': ')).join('\n')}\n${problem.text}`);
  show(problem);
}

/** The server is gone, or does not start: then `islet dev` says why in its place. */
async function retry(): Promise<void> {
  // an answer may be cut off in the middle
  const answer = await ask().catch(() => undefined);
  if (answer === null) {
    listen();
    return;
  }
  if (answer && answer.text !== said) tell(answer);
  said = answer?.text ?? said;
  setTimeout(retry, retryMs);
}

/** Resolves to what is wrong; null: nothing is, the server is there. */
async function ask(): Promise<Problem | null | undefined> {
  const answer = await fetch(`${here}dev?problem`);
  return answer.headers.get('content-type')?.startsWith('application/json') ? answer.json() : undefined;
}

function routeOf(target: EventTarget | null): string {
  return (target as Element | null)?.getAttribute?.('route') ?? (target as Element | null)?.localName ?? '';
}

function adviceFor(code: string | undefined): string {
  if (code === 'ISLET_ERR_JOIN_UNKNOWN_ROUTE')
    return 'No component has this route, or its props gave undefined for this user. Is it declared with app.islet.route, spelt the same?';
  if (code === 'ISLET_ERR_JOIN_FORBIDDEN')
    return 'authorize did not give true for this user. If it gave neither true nor false, this page’s console says so.';
  return 'The server’s log says why. docs/errors.md explains the code.';
}
