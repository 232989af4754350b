/*
 * Events as data. A handler never sees a DOM event: the browser reads plain data from it (`EventData`), which crosses
 * the wire for a server component and is handed over directly for a client one. `on` adds options (`on-options.ts`).
 */

import { checkOptions, type OnOptions } from './on-options.ts';

/** Marks, for the type checker alone, which messages a value can produce. */
export interface Produces<out Message> {
  readonly '~message': Message;
}

/** A plain JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * A file: in the browser the `File` itself, for a server component what is known of it. A form with files that is
 * submitted to a server component is refused: they would be lost.
 */
export type FormFile = { readonly name: string; readonly size: number; readonly type: string };

/**
 * What a handler knows of an event. Which fields are there depends on the event; `docs/events.md` has the table. It
 * comes from a browser: check it before use.
 */
export interface EventData {
  readonly type?: string;
  /** Of a form control, or the text of what can be edited. */
  readonly value?: string;
  /** All that are chosen in a `<select multiple>`. */
  readonly values?: readonly string[];
  readonly checked?: boolean;
  /** Name of the control that it happened at, where it is heard further out. */
  readonly name?: string;
  readonly key?: string;
  readonly altKey?: boolean;
  readonly ctrlKey?: boolean;
  readonly shiftKey?: boolean;
  readonly metaKey?: boolean;
  /**
   * Of a form: when it is submitted, or told of a change in it. A name that several have gives a list, a file its name.
   */
  readonly fields?: { readonly [name: string]: string | readonly string[] };
  /** The button with which a form was submitted, if it has a name. */
  readonly submitter?: { readonly name: string; readonly value: string };
  /** Chosen in a form or field, pasted or dropped: with the name of the field, or an empty one. */
  readonly files?: readonly (readonly [name: string, file: FormFile])[];
  /** Pasted or dropped. */
  readonly text?: string;
  /** Of what was opened or closed: a `<details>`, a popover, a `<dialog>`. */
  readonly open?: boolean;
  /** What a `<dialog>` was closed with. */
  readonly returnValue?: string;
  /** Of a custom event. */
  readonly detail?: Json;
  /** What `include` asked for. */
  readonly [path: string]: Json | EventData['files'] | undefined;
}

/** Who caused an event on the server: a browser page, and whom the app's `authenticate` took it for. */
export interface Client<User = unknown> {
  readonly id: string;
  readonly user: User;
}

/** Makes a message of an event, or nothing: then no message is sent. */
export type EventHandler<Message> = (data: EventData, client: Client) => Message | null | undefined;

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
 * Adds options to an event's message or handler. Without one (`null`) nothing is told: the browser is only kept from
 * what it does by itself.
 *
 * @throws TypeError when an option is unknown, or has no meaning.
 * @example html`<input @input=${on((data) => ({ type: 'UserTyped', text: data.value ?? '' }), { debounceMs: 200 })}>`
 * @example html`<div @dragover=${on(null, { preventDefault: true })}>`
 */
export function on(handler: null, options: OnOptions): On<never>;
export function on<const Message extends { readonly type: string }>(
  handler: Message | EventHandler<Message>,
  options?: OnOptions,
): On<Message>;
export function on<Message>(handler: Message | EventHandler<Message> | null, options: OnOptions = {}): On<Message> {
  checkOptions(options);
  if (handler === null && !options.preventDefault && !options.stopPropagation) {
    throw new TypeError('on(): without a handler, say preventDefault or stopPropagation');
  }
  return new On<Message>(handler, options);
}

/** Leaves out the fields that a listener has not named. */
export function pickFields(data: EventData, names: readonly string[] | undefined): EventData {
  if (!names || !data.fields) return data;
  return { ...data, fields: Object.fromEntries(Object.entries(data.fields).filter(([name]) => names.includes(name))) };
}
