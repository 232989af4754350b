/*
 * What a page has in development besides: it follows changes of the code without being loaded anew, shows what goes
 * wrong, and can be given a bad network. Input: the server's stream (`/islet/dev`), and events of the page's own
 * elements. Output: a page that is up to date, an overlay, lines in the console.
 */

import { lose } from './morph.ts';
import { startNetwork } from './network.ts';
import { hide, isShown, type Problem, show } from './panel.ts';
import { refresh } from './refresh.ts';
import { placeInSources } from './source-places.ts';
import { watchElements } from './unknown-elements.ts';
import { setRoutes, watchPredictions } from './unpredicted.ts';

/** What stands in for a server counts what it says. */
type NumberedProblem = Problem & { readonly number: number };

const here = new URL('.', import.meta.url).href;
const own = new URL(import.meta.url).searchParams;
/** The wait for a server that is gone: at first, and at most. It grows with the time that it takes. */
const retryMs = 150;
const longestRetryMs = 1_000;

/** The start of the server that this page is up to date with, and how often scripts and styles have changed since. */
let server = own.get('server');
/** The code cannot be built: what is shown goes when it can. */
let isBroken = false;
/** The problem that was told last of those for which there is no server. */
let known = 0;
/** When the server went. */
let goneAt = 0;
let timer: ReturnType<typeof setTimeout> | undefined;
/** Warnings of the server that the console has: a stream begins with all of them. */
const warned = new Set<string>();

startNetwork(own.get('latency'));
listen();
watchElements();
watchPredictions();

addEventListener('islet:state', (event) => {
  const { state, code } = (event as CustomEvent<{ state: string; code?: string }>).detail;
  // there is a server: an island has found it
  if (state === 'live' && timer !== undefined) void retry();
  if (state !== 'failed') return;
  const route = routeOf(event.target);
  // what the server tells says more
  if (!isShown()) show({ title: `An island has failed: ${code}`, facts: [['route', route]], text: adviceFor(code) });
});
// what came with a change was lost with its server
addEventListener('error', ({ target }) => target instanceof HTMLScriptElement && lose(target) && follow(), true);
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
    known = 0;
    warned.clear();
    hide();
    // islands that wait for a server need not wait any longer
    dispatchEvent(new Event('online'));
    follow();
  });
  stream.addEventListener('changed', ({ data }) => {
    server = JSON.parse(data);
    mend();
    follow();
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
    goneAt = performance.now();
    retryLater();
  };
}

function follow(): void {
  void refresh(async () => (await ask().catch(() => undefined)) === null);
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
  clearTimeout(timer);
  timer = undefined;
  const askedAt = performance.now();
  // an answer may be cut off in the middle
  const answer = await ask(known).catch(() => undefined);
  // something stood in for the server until now
  if (answer || performance.now() - askedAt > longestRetryMs) goneAt = performance.now();
  if (answer === null) {
    listen();
    return;
  }
  if (answer && answer.number !== known) tell(answer);
  known = answer?.number ?? known;
  retryLater();
}

function retryLater(): void {
  timer = setTimeout(retry, Math.min(longestRetryMs, Math.max(retryMs, (performance.now() - goneAt) / 5)));
}

/**
 * Resolves to what is wrong; null: nothing is, the server is there.
 *
 * @param known While it is still this, the answer waits.
 */
async function ask(known = 0): Promise<NumberedProblem | null | undefined> {
  const answer = await fetch(`${here}dev?problem=${known}`);
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
