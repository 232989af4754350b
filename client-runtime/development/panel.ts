/*
 * The overlay of development: what is wrong, in front of the page, until it is mended or closed. Input: problems.
 * Output: one panel at a time; what came last counts.
 */

/** What went wrong; on a server `server/development.ts` makes it. */
export interface Problem {
  readonly title: string;
  /** Route, component, message and place, as far as they are known. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

const name = 'islet-problem';

let panel: HTMLElement | undefined;

// defined, so that neither `unknown-elements.ts` nor an app's `:not(:defined)` takes it for a mistake of the page
if (!customElements.get(name)) customElements.define(name, class extends HTMLElement {});

/** Whether something is shown. */
export function isShown(): boolean {
  return panel?.isConnected ?? false;
}

/** Takes away what is shown: it is mended. */
export function hide(): void {
  panel?.remove();
  panel = undefined;
}

export function show({ title, facts, text }: Problem): void {
  hide();
  const made = document.createElement(name);
  made.setAttribute('role', 'alert');
  const root = made.attachShadow({ mode: 'open' });
  // a strict policy forbids styles in the page, and not these
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const list = document.createElement('dl');
  for (const [fact, value] of facts) list.append(element('dt', fact), element('dd', value));
  const close = element('button', 'Close');
  close.onclick = hide;
  root.append(element('h2', title), list, element('pre', text), close);
  panel = made;
  document.body.append(made);
}

function element(name: string, text: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

const css = `
  :host { all: initial; position: fixed; inset: auto 0 0 0; max-height: 60vh; overflow: auto; z-index: 2147483647;
    box-sizing: border-box; padding: 1rem 1.25rem; font: 14px/1.5 system-ui, sans-serif; color: #1c1917;
    background: #fff7f5; border-top: 4px solid #c2260c; }
  h2 { margin: 0 4rem .5rem 0; font-size: 1.1em; color: #9a1c07; }
  dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; margin: 0 0 .5rem; }
  dt { color: #57534e; } dd { margin: 0; overflow-wrap: anywhere; }
  pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 12px/1.5 ui-monospace, monospace; }
  button { position: absolute; top: .75rem; right: 1rem; font: inherit; padding: .25rem .6rem; }
  @media (prefers-color-scheme: dark) {
    :host { color: #f5f5f4; background: #2a1512; border-color: #ff7a5c; color-scheme: dark; }
    h2 { color: #ff9d85; } dt { color: #c4b5ad; }
  }
`;
