// A component that carries out the effects that it is handed, and keeps and shows what they tell it.

import { type App, start } from '../../client-runtime/app/start.ts';
import { type AnyMessage, component, type Effect, effect, html } from '../../shared/index.ts';

type Message = AnyMessage & { readonly effect?: Effect<AnyMessage> };

const probe = component<readonly AnyMessage[], Message>({
  init: () => [[], effect.none],
  update: (told, message) => (message.effect ? [told, message.effect] : [[...told, message], effect.none]),
  view: (told) => html`<ul>${told.map((message) => html`<li tabindex="-1">${JSON.stringify(message)}</li>`)}</ul>`,
});

export interface Probe extends Disposable {
  /** Messages that effects have sent so far. */
  readonly told: readonly AnyMessage[];
  run(effect: Effect<AnyMessage>): void;
  stop(): void;
}

/** Starts a probe in the element; it stops at the end of the block that holds it. */
export function startProbe(element: Element): Probe {
  const app: App<Message> = start(probe, element);
  return {
    get told() {
      return Array.from(element.querySelectorAll('li'), ({ textContent }) => JSON.parse(textContent));
    },
    run: (given) => app.dispatch({ type: 'Run', effect: given }),
    stop: () => app.stop(),
    [Symbol.dispose]: () => app.stop(),
  };
}
