/*
 * Events as data. A handler never sees a DOM event: the browser reads plain data from it (`EventData`), which crosses
 * the wire for a server component and is handed over directly for a client one. `on` adds timing and DOM options.
 */

/** Marks, for the type checker alone, which messages a value can produce. */
export interface Produces<out Message> {
  readonly '~message': Message;
}

/** A plain JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** A file chosen in a form: in the browser the `File` itself. A server component's event with files is refused. */
export type FormFile = { readonly name: string; readonly size: number; readonly type: string };

/**
 * What a handler knows of an event. Which fields are there depends on the event: `value` and `checked` of a form
 * control, `key` and the modifier keys of a keyboard event, `fields` of a form on submit (a repeated name gives a
 * list, a file its name) and the `files` that were chosen in it, `detail` of a custom event, and what `include` asked
 * for. It comes from a browser: check it before use.
 */
export interface EventData {
  readonly type?: string;
  readonly value?: string;
  readonly checked?: boolean;
  readonly key?: string;
  readonly fields?: { readonly [name: string]: string | readonly string[] };
  readonly files?: readonly (readonly [name: string, file: FormFile])[];
  readonly detail?: Json;
  readonly [path: string]: Json | undefined;
}

/** Who caused an event on the server: a browser page, and whom the app's `authenticate` took it for. */
export interface Client<User = unknown> {
  readonly id: string;
  readonly user: User;
}

/** Makes a message of an event, or nothing: then no message is sent. */
export type EventHandler<Message> = (data: EventData, client: Client) => Message | null | undefined;

/** Options of a listener. Times are in milliseconds. */
export interface OnOptions {
  /** Waits until no event came for so long, then sends the last one. */
  readonly debounceMs?: number;
  /** Sends at most one event in this time; the last one is always sent. */
  readonly throttleMs?: number;
  readonly preventDefault?: boolean;
  readonly stopPropagation?: boolean;
  /** Further data to read from the event, as dotted paths: `['target.dataset.row', 'clientX']`. */
  readonly include?: readonly string[];
}

/** A handler with options; made by `on`. */
export class On<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly handler: unknown;
  readonly options: OnOptions;

  constructor(handler: unknown, options: OnOptions) {
    this.handler = handler;
    this.options = options;
  }
}

/**
 * Adds options to an event's message or handler.
 *
 * @throws TypeError when a time is not a number of milliseconds of 0 or more, or `include` holds no plain path.
 * @example html`<input @input=${on((data) => ({ type: 'UserTyped', text: data.value ?? '' }), { debounceMs: 200 })}>`
 */
export function on<const Message extends { readonly type: string }>(
  handler: Message | EventHandler<Message>,
  options: OnOptions = {},
): On<Message> {
  for (const name of ['debounceMs', 'throttleMs'] as const) {
    const ms = options[name];
    if (ms !== undefined && !(Number.isFinite(ms) && ms >= 0)) {
      throw new TypeError(`on(): ${name} must be a number of milliseconds, 0 or more; got ${String(ms)}`);
    }
  }
  for (const path of options.include ?? []) {
    if (!/^[A-Za-z_$][\w$-]*(\.[\w$-]+)*$/.test(path)) throw new TypeError(`on(): '${path}' is not a dotted path`);
  }
  return new On<Message>(handler, options);
}
