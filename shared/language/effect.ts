/*
 * Side effects as values: what `init` and `update` ask for besides the next model. An effect has three kinds of parts.
 * Outputs (`emit`, `provide`, `after`, `every`, `task`) are plain data, kept with the message that caused them. Runs (`from`)
 * are functions; the runtime starts them after the new model has been shown (`runtime/runtime.ts`). What stands under a
 * name (`latest`, `cancel`) is runs and timers that end as soon as something else is started under it.
 */

import type { Produces } from './events.ts';
import type { AnyMessage } from './html.ts';
import {
  mapTask,
  type Task,
  type TaskDead,
  type TaskDone,
  type TaskMessages,
  type TaskOutput,
  toTaskOutput,
} from './task.ts';
import { isThenable } from './thenable.ts';
import { type Audible, listen, type SubscribeOptions } from './topic.ts';

/** Takes a message back to the component; does nothing once the actor has stopped. */
export type Dispatch<Message> = (message: Message) => void;

/** What a run may use. */
export interface EffectContext {
  /** Fires when the actor stops, and under a name (`effect.latest`) when something else is started under it. */
  readonly signal: AbortSignal;
  /** In the browser the node that the component is drawn in; on the server undefined. */
  readonly root?: unknown;
  /**
   * Asks for a restart of the actor, from the last model that was shown. What a run only throws is logged, and the
   * actor goes on.
   */
  fail(error: unknown): void;
}

/** How far a custom event goes; both are true unless told otherwise. */
export interface EmitOptions {
  /** To the ancestors of the element. */
  readonly bubbles?: boolean;
  /** Out of the shadow roots around it. */
  readonly composed?: boolean;
}

/** What messages come of what `effect.attempt` does. */
export interface AttemptOutcomes<Value, Success extends AnyMessage, Failure extends AnyMessage> {
  readonly onSuccess?: (value: Value) => Success | null;
  readonly onError?: (error: unknown) => Failure | null;
}

/** A message that is due later. */
export interface TimerOutput {
  readonly kind: 'after' | 'every';
  readonly ms: number;
  readonly message: AnyMessage;
}

/** What an effect asks for as plain data. Times are in milliseconds. */
export type Output =
  | { readonly kind: 'emit'; readonly name: string; readonly detail: unknown; readonly options?: EmitOptions }
  | { readonly kind: 'provide'; readonly key: string; readonly value: unknown }
  | TaskOutput
  | TimerOutput;

/** What runs under a name, until something else is started under it in the same actor. Without parts: nothing does. */
export interface Latest {
  readonly kind: 'latest';
  readonly name: string;
  readonly parts: readonly (TimerOutput | Run | Latest)[];
}

export type Part = Output | Run | Latest;

/** A function that acts on the world. What it throws, or its promise rejects with, is reported to its host. */
export interface Run {
  (host: EffectHost): unknown;
  /** What only a browser can do, by the name that its author knows it by: a server refuses it before it runs. */
  readonly browserOnly?: string;
}

/** What the runtime offers to runs. Times are in milliseconds. */
export interface EffectHost extends EffectContext {
  dispatch(message: AnyMessage): void;
  /** Does what an output asks for. */
  tell(output: Output): void;
  /** Ends what runs under a name in this actor, and gives the host of what is to run under it from now on. */
  latest(name: string): EffectHost;
  /** Calls back once, unless the actor stops before. */
  delay(ms: number, callback: () => void): void;
  /** Calls a run so that what its late callbacks throw can be traced to this actor. */
  contain(run: () => unknown): unknown;
  /** Reports what a run threw, now or later. */
  report(error: unknown): void;
}

/** One side effect, or several. Make them by the functions of `effect`. */
export class Effect<out Message = never> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly parts: readonly Part[];

  constructor(parts: readonly Part[]) {
    this.parts = parts;
  }
}

/** Makes an effect of a function that needs all that the runtime offers. */
export function fromRun<Message = never>(run: Run): Effect<Message> {
  return new Effect([run]);
}

/** Makes an effect of what only a browser can do. @param browserOnly How its author calls it. */
export function fromBrowserRun<Message = never>(browserOnly: string, run: Run): Effect<Message> {
  return fromRun(Object.assign(run, { browserOnly }));
}

/** What of an effect's later parts only a browser can do; undefined: nothing. */
export function browserOnlyOf(part: Run | Latest | TimerOutput): string | undefined {
  if (typeof part === 'function') return part.browserOnly;
  if (part.kind !== 'latest') return undefined;
  for (const each of part.parts) {
    const found = browserOnlyOf(each);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Whether a part of an effect is one of the browser. */
export function isOfBrowser(part: Part): boolean {
  return (typeof part === 'function' || part.kind === 'latest') && browserOnlyOf(part) !== undefined;
}

/** Starts a run; what it throws, or what it returns rejects with, is reported. A lazy thenable is thereby run. */
function startRun(run: Run, host: EffectHost): void {
  try {
    const result = host.contain(() => run(host));
    if (isThenable(result)) result.then(undefined, (error: unknown) => host.report(error));
  } catch (error) {
    host.report(error);
  }
}

/** Carries out an effect at once, part by part, outside of `update`. */
export function perform({ parts }: Effect<unknown>, host: EffectHost): void {
  for (const part of parts) start(part, host);
}

/** Starts one part of an effect. */
export function start(part: Part, host: EffectHost): void {
  if (typeof part === 'function') startRun(part, host);
  else if (part.kind !== 'latest') host.tell(part);
  else {
    const inner = host.latest(part.name);
    for (const each of part.parts) start(each, inner);
  }
}

const none: Effect = /* @__PURE__ */ new Effect([]);

function batch(effects: readonly Effect<unknown>[]): Effect<unknown> {
  return new Effect(effects.flatMap(({ parts }) => parts));
}

/** The effects that exist in the browser and on the server. */
export const effect = {
  /** No effect. */
  none,

  /** Several effects, carried out in order; a run that throws does not keep the next from running. */
  // what is told its messages by where it stands comes first; the second one is for effects of several messages
  batch: batch as {
    <Message>(effects: readonly Effect<Message>[]): Effect<Message>;
    <const Effects extends readonly Effect<unknown>[]>(effects: Effects): Effect<Effects[number]['~message']>;
  },

  /**
   * Does one thing and makes a message of what came of it: a value, or an error that was thrown or rejected with. It
   * starts when the new model is shown. Once the actor has stopped no message is made.
   *
   * @param action At once or later. Its `signal` fires when the actor stops.
   * @param outcomes `onSuccess` gets the value, `onError` what was thrown, whatever that is; each gives a message, or
   *   null for none. Without `onError` an error is reported as that of any effect, and the actor goes on.
   * @example effect.attempt(() => cards.add(title), {
   *   onSuccess: (card) => ({ type: 'CardWasAdded', card }),
   *   onError: () => ({ type: 'CardWasRefused' }),
   * })
   */
  attempt<Value, const Success extends AnyMessage = never, const Failure extends AnyMessage = never>(
    action: (context: EffectContext) => Value | PromiseLike<Value>,
    outcomes: AttemptOutcomes<Value, Success, Failure> = {},
  ): Effect<Success | Failure> {
    return fromRun((host) => attempt(host, action, outcomes));
  },

  /**
   * Any effect: what goes on and tells more than one thing, such as a subscription. It may be async and may dispatch as
   * often as it likes. It starts when the new model is shown. What does one thing is `attempt`.
   *
   * @example effect.from((dispatch, { signal }) => news.listen((text) => dispatch({ type: 'NewsCame', text }), signal))
   */
  from<Message extends AnyMessage>(
    run: (dispatch: Dispatch<Message>, context: EffectContext) => unknown,
  ): Effect<Message> {
    return fromRun((host) => run((message) => host.dispatch(message), host));
  },

  /**
   * Hears what is said on a topic of the app, or who is here (`app.islet.topic`, `app.islet.presence`), for as long as
   * the actor runs: on a server alone. It begins when the new model is shown; what was said before is not heard, so
   * read what it is about once more where that matters.
   *
   * @param toMessage Gives the message for a value, or null for none.
   * @example effect.subscribe(votes, ({ count }) => ({ type: 'VotesChanged', count }), { onGap: () => ({ type: 'VotesMissed' }) })
   */
  subscribe<Value, const Message extends AnyMessage, const Gap extends AnyMessage = never>(
    audible: Audible<Value>,
    toMessage: (value: Value) => Message | null,
    options: SubscribeOptions<Gap> = {},
  ): Effect<Message | Gap> {
    return fromRun((host) => listen(host, audible, toMessage, options));
  },

  /** Dispatches a message after `ms` milliseconds. */
  after<const Message extends AnyMessage>(ms: number, message: Message): Effect<Message> {
    checkMs('after', ms);
    return new Effect([{ kind: 'after', ms, message }]);
  },

  /** Dispatches a message every `ms` milliseconds until the actor stops. */
  every<const Message extends AnyMessage>(ms: number, message: Message): Effect<Message> {
    checkMs('every', ms);
    return new Effect([{ kind: 'every', ms, message }]);
  },

  /**
   * Fires a custom event on the component's element, once its DOM shows the model that goes with it: on a server
   * component, on the element of everybody who looks. It bubbles and is composed, unless `options` say otherwise.
   */
  emit(name: string, detail: unknown = null, options?: EmitOptions): Effect {
    return new Effect([{ kind: 'emit', name, detail, ...(options && { options }) }]);
  },

  /** Offers a value to the element's descendants that ask for `key` by the context protocol. */
  provide(key: string, value: unknown): Effect {
    return new Effect([{ kind: 'provide', key, value }]);
  },

  /**
   * Has a task done on the server, by the function that the app has registered under its name. It is stored in the same
   * transaction as the model that asks for it, and tried until its result is stored, over restarts and crashes: the
   * function may be called more than once, its result is handled once. Only for routes with `persist`.
   *
   * @param args Plain JSON. @param messages Types of the messages that say what came of it.
   * @example effect.task(sendMail, { to: order.email, text }, { onDone: 'MailSent', onDead: 'MailFailed' })
   */
  task<Args, Result, const Done extends string = never, const Dead extends string = never>(
    task: Task<Args, Result>,
    args: NoInfer<Args>,
    messages: TaskMessages<Done, Dead> = {},
  ): Effect<
    | ([Done] extends [never] ? never : TaskDone<Done, Task<Args, Result>>)
    | ([Dead] extends [never] ? never : TaskDead<Dead, Task<Args, Result>>)
  > {
    return new Effect([toTaskOutput(task, args, messages)]);
  },

  /**
   * An effect of which only the latest counts. Starting another under the same name, in the same actor, ends this one:
   * its `signal` fires, its timers stop, and what its runs dispatch, emit or throw after that is ignored. An answer
   * that comes between a message that asks for another and the end of its turn waits for that end: it is taken only if
   * the message was refused. `emit`, `provide` and `task` themselves are done with the message, under a name as
   * elsewhere: they cannot come late, and what was asked for as a task is done.
   *
   * @param name The actor's, not the component's that says it: give it a prefix where several may say the same.
   * @example effect.latest('search', http.get(`/api/search?q=${encodeURIComponent(text)}`, { ... }))
   */
  latest<Message>(name: string, { parts }: Effect<Message>): Effect<Message> {
    return new Effect([...parts.filter(isTold), { kind: 'latest', name, parts: parts.filter(isLater) }]);
  },

  /** Ends what runs under a name, and starts nothing in its place. */
  cancel(name: string): Effect {
    return new Effect([{ kind: 'latest', name, parts: [] }]);
  },

  /** Changes the message of an effect, for a child component's effects in its parent's `update`. */
  map<Inner extends AnyMessage, Outer extends AnyMessage>(
    inner: Effect<Inner>,
    map: (message: Inner) => Outer,
  ): Effect<Outer> {
    // what the inner effect dispatches is of its own type, by the types of the functions that made it
    return new Effect(inner.parts.map((part) => mapPart(part, (message) => map(message as Inner))));
  },
} as const;

/** @returns What a run returns: a promise that rejects is reported. */
function attempt<Value>(
  host: EffectHost,
  action: (context: EffectContext) => Value | PromiseLike<Value>,
  { onSuccess, onError }: AttemptOutcomes<Value, AnyMessage, AnyMessage>,
): unknown {
  const tell = (message: AnyMessage | null | undefined): void => {
    if (message) host.dispatch(message);
  };
  const fail = (error: unknown): void => {
    if (!onError) throw error;
    tell(onError(error));
  };
  let value: Value | PromiseLike<Value>;
  try {
    value = action(host);
  } catch (error) {
    return fail(error);
  }
  // what `onSuccess` throws is no failure of the action
  if (isThenable(value)) return value.then((done) => tell(onSuccess?.(done as Value)), fail);
  return tell(onSuccess?.(value as Value));
}

function isTold(part: Part): part is Exclude<Output, TimerOutput> {
  return typeof part !== 'function' && (part.kind === 'emit' || part.kind === 'provide' || part.kind === 'task');
}

/** What may come late. */
function isLater(part: Part): part is Latest['parts'][number] {
  return !isTold(part);
}

type Mapper = (message: AnyMessage) => AnyMessage;

function mapPart<Kind extends Part>(part: Kind, map: Mapper): Kind;
function mapPart(part: Part, map: Mapper): Part {
  if (typeof part === 'function') return Object.assign((host: EffectHost) => part(mapHost(host, map)), part);
  if (part.kind === 'latest') return { ...part, parts: part.parts.map((each) => mapPart(each, map)) };
  if (part.kind === 'task') return mapTask(part, map);
  return 'message' in part ? { ...part, message: map(part.message) } : part;
}

function mapHost(host: EffectHost, map: Mapper): EffectHost {
  return {
    get signal() {
      return host.signal;
    },
    root: host.root,
    dispatch: (message) => host.dispatch(map(message)),
    tell: (output) => host.tell(mapPart(output, map)),
    latest: (name) => mapHost(host.latest(name), map),
    delay: (ms, callback) => host.delay(ms, callback),
    contain: (run) => host.contain(run),
    report: (error) => host.report(error),
    fail: (error) => host.fail(error),
  };
}

function checkMs(name: string, ms: number): void {
  if (!(Number.isFinite(ms) && ms >= 0)) {
    throw new TypeError(`effect.${name}() takes milliseconds, 0 or more; got ${String(ms)}`);
  }
}
