/*
 * What a page shows in development of what goes wrong: an overlay, and a line in the console. Input: the stream of the
 * server's failures (`/islet/dev`), and the events of the page's own elements. Output: a panel that can be closed, and
 * the page loaded anew when the server has started again.
 */

/** What the server tells of a failure; `server/development.ts` makes it. */
interface Problem {
  readonly title: string;
  /** Route, component, message and place, as far as they are known. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

const here = new URL('.', import.meta.url).href;
const retryMs = 500;

/** The start of the server that this page came from. */
const server = new URL(import.meta.url).search.slice(1);
let panel: HTMLElement | undefined;

listen();

addEventListener('islet:state', (event) => {
  const { state, code } = (event as CustomEvent<{ state: string; code?: string }>).detail;
  if (state !== 'failed') return;
  const route = routeOf(event.target);
  show({ title: `An island has failed: ${code}`, facts: [['route', route]], text: adviceFor(code) });
});

function listen(): void {
  const stream = new EventSource(`${here}dev`);
  stream.addEventListener('hello', ({ data }) => {
    if (server !== data) location.reload();
  });
  stream.addEventListener('problem', ({ data }) => {
    const problem: Problem = JSON.parse(data);
    console.error(
      `islet: ${problem.title}\n${problem.facts.map((fact) => fact.join(': ')).join('\n')}\n${problem.text}`,
    );
    show(problem);
  });
  stream.onerror = () => {
    stream.close();
    setTimeout(retry, retryMs);
  };
}

/** The server is gone, or does not start: then `islet dev` says why in its place. */
async function retry(): Promise<void> {
  // an answer may be cut off in the middle
  const answer = await ask().catch(() => undefined);
  if (answer === null) {
    panel?.remove();
    listen();
    return;
  }
  if (answer) show(answer);
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
    return 'No component has this route. Is it declared with app.islet.route, spelt the same?';
  return 'The server’s log says why. docs/errors.md explains the code.';
}

function show({ title, facts, text }: Problem): void {
  panel?.remove();
  panel = document.createElement('islet-problem');
  panel.setAttribute('role', 'alert');
  const root = panel.attachShadow({ mode: 'open' });
  const style = document.createElement('style');
  style.textContent = css;
  const heading = element('h2', title);
  const list = document.createElement('dl');
  for (const [name, value] of facts) list.append(element('dt', name), element('dd', value));
  const close = element('button', 'Close');
  close.onclick = () => panel?.remove();
  root.append(style, heading, list, element('pre', text), close);
  document.body.append(panel);
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

const css = `
  :host { all: initial; position: fixed; inset: auto 0 0 0; max-height: 60vh; overflow: auto; z-index: 2147483647; box-sizing: border-box;
    padding: 1rem 1.25rem; font: 14px/1.5 system-ui, sans-serif; color: #1c1917; background: #fff7f5; border-top: 4px solid #c2260c; }
  h2 { margin: 0 4rem .5rem 0; font-size: 1.1em; color: #9a1c07; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 .5rem; }
  dt { color: #57534e; } dd { margin: 0; overflow-wrap: anywhere; }
  pre { margin: 0; white-space: pre-wrap; font: 12px/1.5 ui-monospace, monospace; }
  button { position: absolute; top: .75rem; right: 1rem; font: inherit; padding: .25rem .6rem; }
  @media (prefers-color-scheme: dark) {
    :host { color: #f5f5f4; background: #2a1512; border-color: #ff7a5c; } h2 { color: #ff9d85; } dt { color: #c4b5ad; }
  }
`;
