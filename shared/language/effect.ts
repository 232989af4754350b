/*
 * Side effects as values. `update` returns them; the runtime of the place where the component runs carries them out
 * (`runEffect`) after the model has changed. What an effect throws goes to the actor's supervisor.
 */

import type { Produces } from './events.ts';
import type { AnyMessage } from './html.ts';

/** Takes a message back to the component; does nothing once the actor has stopped. */
export type Dispatch<Message> = (message: Message) => void;

/** What an effect may use. */
export interface EffectContext {
  /** Fires when the actor stops. */
  readonly signal: AbortSignal;
  /** In the browser the node that the component is drawn in; on the server undefined. */
  readonly root?: unknown;
}

/** One side effect, or several. Make them by the functions of `effect`. */
export class Effect<out Message = never> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly run: (host: EffectHost) => unknown;

  constructor(run: (host: EffectHost) => unknown) {
    this.run = run;
  }
}

/** How far a custom event goes; both are true unless told otherwise. */
export interface EmitOptions {
  /** To the ancestors of the element. */
  readonly bubbles?: boolean;
  /** Out of the shadow roots around it. */
  readonly composed?: boolean;
}

/** What the runtime offers to effects. Times are in milliseconds. */
export interface EffectHost extends EffectContext {
  dispatch(message: AnyMessage): void;
  emit(name: string, detail: unknown, options?: EmitOptions): void;
  provide(key: string, value: unknown): void;
  /** Calls back once, unless the actor stops before. */
  delay(ms: number, callback: () => void): void;
  /** Runs an effect so that what its late callbacks throw can be traced to this actor. */
  contain(run: () => unknown): unknown;
  /** Reports what an effect threw, now or later. */
  fail(error: unknown): void;
}

const none: Effect = new Effect(() => undefined);

/** Carries out an effect; what it throws, or its promise rejects with, is reported to the host. */
export function runEffect(effect: Effect<unknown>, host: EffectHost): void {
  try {
    const result = host.contain(() => effect.run(host));
    if (result instanceof Promise) result.catch((error: unknown) => host.fail(error));
  } catch (error) {
    host.fail(error);
  }
}

/** The effects that exist in the browser and on the server. */
export const effect = {
  /** No effect. */
  none,

  /** Several effects, carried out in order; one that throws does not keep the next from running. */
  batch<Message>(effects: readonly Effect<Message>[]): Effect<Message> {
    return new Effect((host) => {
      for (const each of effects) runEffect(each, host);
    });
  },

  /**
   * Any effect. It may be async and may dispatch as often as it likes.
   *
   * @example effect.from((dispatch, { signal }) => fetch(url, { signal }).then(...))
   */
  from<Message extends AnyMessage>(
    run: (dispatch: Dispatch<Message>, context: EffectContext) => unknown,
  ): Effect<Message> {
    return new Effect((host) => run((message) => host.dispatch(message), host));
  },

  /** Dispatches a message after `ms` milliseconds. */
  after<const Message extends AnyMessage>(ms: number, message: Message): Effect<Message> {
    checkMs('after', ms);
    return new Effect((host) => host.delay(ms, () => host.dispatch(message)));
  },

  /** Dispatches a message every `ms` milliseconds until the actor stops. */
  every<const Message extends AnyMessage>(ms: number, message: Message): Effect<Message> {
    checkMs('every', ms);
    return new Effect((host) => {
      const tick = (): void => {
        host.delay(ms, tick);
        host.dispatch(message);
      };
      host.delay(ms, tick);
    });
  },

  /**
   * Fires a custom event on the component's element, once its DOM shows the model that goes with it: on a server
   * component, on the element of everybody who looks. It bubbles and is composed, unless `options` say otherwise.
   */
  emit(name: string, detail: unknown = null, options?: EmitOptions): Effect {
    return new Effect((host) => host.emit(name, detail, options));
  },

  /** Offers a value to the element's descendants that ask for `key` by the context protocol. */
  provide(key: string, value: unknown): Effect {
    return new Effect((host) => host.provide(key, value));
  },

  /** Changes the message of an effect, for a child component's effects in its parent's `update`. */
  map<Inner extends AnyMessage, Outer extends AnyMessage>(
    inner: Effect<Inner>,
    map: (message: Inner) => Outer,
  ): Effect<Outer> {
    return new Effect((host) =>
      inner.run({
        get signal() {
          return host.signal;
        },
        root: host.root,
        dispatch: (message) => host.dispatch(map(message as Inner)),
        emit: (name, detail, options) => host.emit(name, detail, options),
        provide: (key, value) => host.provide(key, value),
        delay: (ms, callback) => host.delay(ms, callback),
        contain: (run) => host.contain(run),
        fail: (error) => host.fail(error),
      }),
    );
  },
} as const;

function checkMs(name: string, ms: number): void {
  if (!(Number.isFinite(ms) && ms >= 0)) {
    throw new TypeError(`effect.${name}() takes milliseconds, 0 or more; got ${String(ms)}`);
  }
}
