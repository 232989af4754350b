/*
 * Offers values to an element's descendants, by the context protocol of the web components community.
 * Input: values to provide, and `context-request` events of any library's elements. Output: calls of their callbacks,
 * again at each new value where they subscribed.
 */

// a form has its controls under their names
const { addEventListener, dispatchEvent } = EventTarget.prototype;

/** @see https://github.com/webcomponents-cg/community-protocols/blob/main/proposals/context.md */
export interface ContextRequest extends Event {
  readonly context: unknown;
  /** Who asks: `target` is another one outside of a shadow root. */
  readonly contextTarget?: EventTarget;
  readonly subscribe?: boolean;
  readonly callback: (value: unknown, unsubscribe?: (() => void) | undefined) => void;
}

/** Gives a value to those who ask for `context`, now and later. */
export type Provide = (context: unknown, value: unknown) => void;

/** Answers the requests of an element's descendants. */
export function createProvider(host: EventTarget): Provide {
  const values = new Map<unknown, unknown>();
  /** The requests of those who subscribed, with what ends each: the same function each time, as askers compare it. */
  const requests = new Map<ContextRequest, () => void>();

  const answer = (request: ContextRequest): void => {
    try {
      request.callback(values.get(request.context), requests.get(request));
    } catch (error) {
      reportError(error); // it is the asker's
    }
  };

  addEventListener.call(host, 'context-request', (event) => {
    const request = event as ContextRequest;
    const { context, contextTarget = request.composedPath()[0] } = request;
    if (contextTarget === host || !values.has(context)) return;
    request.stopImmediatePropagation();
    if (request.subscribe) requests.set(request, () => void requests.delete(request));
    answer(request);
  });

  return (context, value) => {
    const isNew = !values.has(context);
    values.set(context, value);
    // who asked before there was an answer asks again
    if (isNew) fireContext(host, 'context-provider', { context, contextTarget: host });
    else for (const request of requests.keys()) if (request.context === context) answer(request);
  };
}

/** Fires an event of the context protocol, which has its data on itself. */
export function fireContext(target: EventTarget, type: string, data: object): void {
  dispatchEvent.call(target, Object.assign(new Event(type, { bubbles: true, composed: true }), data));
}
