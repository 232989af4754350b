/*
 * What an app does to its page besides its view: the title, focus, scrolling, the clipboard, events from elsewhere, and
 * work at the moment when the new view is there.
 */

import { type Effect, type EffectHost, fromBrowserRun, fromRun, perform } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import { type BrowserElement, browser, type Focusable, type Searchable, type Target } from './globals.ts';

/** Sets the title of the page. */
export function title(text: string): Effect {
  return fromBrowserRun('title', () => {
    browser.document.title = text;
  });
}

/** Carries out an effect when the page shows the new model, and before a person can see it. */
export function beforePaint<Message>(effect: Effect<Message>): Effect<Message> {
  return inNextFrame('beforePaint', effect);
}

/** Carries out an effect when a person has been able to see the new model. */
export function afterPaint<Message>(effect: Effect<Message>): Effect<Message> {
  return fromBrowserRun('afterPaint', (host) => nextFrame(host, () => host.delay(0, () => perform(effect, host))));
}

/**
 * Moves the focus to the first element that the selector matches, in the component or else in the page, when the new
 * model is shown. What it finds must be able to have the focus: a heading needs `tabindex="-1"`. Whoever has gone
 * somewhere else by then stays there.
 */
export function focus(selector: string, options: { readonly preventScroll?: boolean } = {}): Effect {
  return fromBrowserRun('focus', (host) => {
    let before: unknown;
    moved = null;
    // where the browser itself goes after the event that asked for this is nobody's choice: it opens a dialog
    host.delay(0, () => {
      before = focusedIn(host);
    });
    const move = withElement('focus', selector, (element) => {
      if (before && ![before, moved, browser.document.body].includes(focusedIn(host))) return;
      element.focus(options);
      moved = focusedIn(host);
    });
    perform(move, host);
  });
}

/** Where an effect has just moved the focus. */
let moved: unknown;

/** Where the focus is: of what happens in a shadow root, whoever is around it knows the host alone. */
function focusedIn({ root }: EffectHost): unknown {
  let at = (root as Partial<Focusable> | undefined)?.activeElement ?? browser.document.activeElement;
  while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
  return at;
}

/** Scrolls to the first element that the selector matches, or to a place, when the new model is shown. */
export function scrollTo(target: string | { readonly top?: number; readonly left?: number }): Effect {
  if (typeof target === 'string') return withElement('scrollTo', target, (element) => element.scrollIntoView());
  return inNextFrame(
    'scrollTo',
    fromRun(() => browser.scrollTo(target)),
  );
}

/** The person's clipboard. */
export const clipboard = {
  /** Copies a text. A browser may forbid it, and does where no person has just clicked. */
  write<const Success extends AnyMessage = never, const Failure extends AnyMessage = never>(
    text: string,
    options: { readonly onSuccess?: () => Success; readonly onError?: (problem: string) => Failure } = {},
  ): Effect<Success | Failure> {
    return fromBrowserRun('clipboard.write', async (host) => {
      let message: AnyMessage | undefined;
      try {
        const { clipboard } = browser.navigator;
        if (!clipboard) throw new ReferenceError('there is no clipboard here: pages have it over https only');
        await clipboard.writeText(text);
        message = options.onSuccess?.();
      } catch (problem) {
        message = options.onError?.(String(problem));
      }
      if (message && !host.signal.aborted) host.dispatch(message);
    });
  },
};

/**
 * Hears events of anything in the browser, until the component stops.
 *
 * @param target What fires them, by name or as itself, or (since it is not there on a server) what gives it.
 * @param toMessage Gives a message, or nothing: then nothing happens.
 * @example fromEventTarget('window', 'offline', () => ({ type: 'NetworkWasLost' }))
 */
export function fromEventTarget<BrowserEvent, const Message extends AnyMessage>(
  target: 'window' | 'document' | Target | (() => Target),
  name: string,
  toMessage: (event: BrowserEvent) => Message | null | undefined,
): Effect<Message> {
  const hear = (host: EffectHost): void => {
    const from = typeof target === 'function' ? target() : typeof target === 'string' ? browser[target] : target;
    const tell = (event: BrowserEvent): void => {
      const message = toMessage(event);
      if (message) host.dispatch(message);
    };
    from.addEventListener(name, tell as never, { signal: host.signal } as never);
  };
  return typeof target === 'string' ? fromBrowserRun('fromEventTarget', hear) : fromRun(hear);
}

// What is shown follows the model in a microtask, so it is there by the next frame.
function nextFrame(host: EffectHost, run: () => void): void {
  const cancel = (): void => browser.cancelAnimationFrame(frame);
  const frame = browser.requestAnimationFrame(() => {
    // an app that lives for long must not keep a listener for each frame
    host.signal.removeEventListener('abort', cancel);
    run();
  });
  host.signal.addEventListener('abort', cancel, { once: true });
}

function inNextFrame<Message>(name: string, effect: Effect<Message>): Effect<Message> {
  return fromBrowserRun(name, (host) => nextFrame(host, () => perform(effect, host)));
}

function withElement(name: string, selector: string, use: (element: BrowserElement) => void): Effect {
  return inNextFrame(
    name,
    fromRun(({ root }) => {
      const element =
        (root as Searchable | undefined)?.querySelector(selector) ?? browser.document.querySelector(selector);
      if (element) use(element);
    }),
  );
}
