/*
 * Offers values to an element's descendants, by the context protocol of the web components community.
 * Input: values to provide, and `context-request` events of any library's elements. Output: calls of their callbacks,
 * again at each new value where they subscribed.
 */

/** @see https://github.com/webcomponents-cg/community-protocols/blob/main/proposals/context.md */
export interface ContextRequest extends Event {
  readonly context: unknown;
  /** Who asks: `target` is another one outside of a shadow root. */
  readonly contextTarget?: EventTarget;
  readonly subscribe?: boolean;
  readonly callback: (value: unknown, unsubscribe?: () => void) => void;
}

interface Subscription {
  readonly context: unknown;
  readonly send: (value: unknown) => void;
}

export class ContextProvider {
  readonly #host: EventTarget;
  readonly #values = new Map<unknown, unknown>();
  readonly #subscriptions = new Set<Subscription>();

  constructor(host: EventTarget) {
    this.#host = host;
    host.addEventListener('context-request', (event) => this.#answer(event as ContextRequest));
  }

  provide(context: unknown, value: unknown): void {
    const isNew = !this.#values.has(context);
    this.#values.set(context, value);
    // who asked before there was an answer asks again
    if (isNew) fireContext(this.#host, 'context-provider', { context, contextTarget: this.#host });
    else for (const subscription of this.#subscriptions) if (subscription.context === context) subscription.send(value);
  }

  #answer(event: ContextRequest): void {
    const { context, callback } = event;
    const asker = event.contextTarget ?? event.composedPath()[0];
    if (asker === this.#host || !this.#values.has(context)) return;
    event.stopImmediatePropagation();
    if (!event.subscribe) {
      callback(this.#values.get(context));
      return;
    }
    const unsubscribe = (): void => void this.#subscriptions.delete(subscription);
    const subscription = {
      context,
      send(value: unknown) {
        try {
          callback(value, unsubscribe);
        } catch (error) {
          reportError(error); // it is the asker's
        }
      },
    };
    this.#subscriptions.add(subscription);
    subscription.send(this.#values.get(context));
  }
}

/** Fires an event of the context protocol, which has its data on itself. */
export function fireContext(target: EventTarget, type: string, data: object): void {
  target.dispatchEvent(Object.assign(new Event(type, { bubbles: true, composed: true }), data));
}
