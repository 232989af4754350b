/*
 * Asks an element's ancestors for values, by the context protocol of the web components community.
 * Input: the keys. Output: a call for each value that a provider gives, now or later. A provider that comes later, or
 * a nearer one, is asked again: it says that it is there by `context-provider`, as Lit's providers do.
 */

import { type ContextRequest, fireContext } from '../dom/context-provider.ts';

export class ContextConsumer {
  readonly #host: Element;
  readonly #keys: readonly string[];
  readonly #onValue: (key: string, value: unknown) => void;
  readonly #subscriptions = new Map<string, (() => void) | undefined>();
  readonly #values = new Map<string, unknown>();
  /** Ends what one connection has begun. */
  #connection = new AbortController();

  constructor(host: Element, keys: readonly string[], onValue: (key: string, value: unknown) => void) {
    this.#host = host;
    this.#keys = keys;
    this.#onValue = onValue;
  }

  /** Asks the ancestors that the element has now. */
  connect(): void {
    this.disconnect();
    this.#connection = new AbortController();
    const { signal } = this.#connection;
    for (const key of this.#keys) this.#ask(key, signal);
    this.#host.ownerDocument.addEventListener(
      'context-provider',
      (event) => {
        const { context, contextTarget } = event as ContextRequest;
        const key = this.#keys.find((each) => each === context);
        if (key !== undefined && contextTarget !== this.#host) this.#ask(key, signal);
      },
      { signal },
    );
  }

  disconnect(): void {
    this.#connection.abort();
    for (const unsubscribe of this.#subscriptions.values()) unsubscribe?.();
    this.#subscriptions.clear();
  }

  #ask(key: string, signal: AbortSignal): void {
    const callback: ContextRequest['callback'] = (value, unsubscribe) => {
      if (signal.aborted) {
        unsubscribe?.();
        return;
      }
      const present = this.#subscriptions.get(key);
      if (present !== unsubscribe) present?.();
      this.#subscriptions.set(key, unsubscribe);
      // asked again, a provider says again what it said
      if (this.#values.has(key) && Object.is(this.#values.get(key), value)) return;
      this.#values.set(key, value);
      this.#onValue(key, value);
    };
    fireContext(this.#host, 'context-request', { context: key, contextTarget: this.#host, subscribe: true, callback });
  }
}
