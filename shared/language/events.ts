/*
 * Events as data. A handler never sees a DOM event: the browser reads plain data from it (`EventData`), which crosses
 * the wire for a server component and is handed over directly for a client one. `on` adds options (`on-options.ts`).
 */

import type { FormFields } from './fields.ts';
import type { OnOptions } from './on-options.ts';

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
export interface EventData extends EventFacts {
  /**
   * Of a form: when it is submitted, or told of a change in it. A name that several have gives a list, a file its name.
   */
  readonly fields?: FormFields;
}

/** The same where `on` names the fields that count: they are all there, each of its kind. */
export interface EventDataWith<Fields extends { readonly [name: string]: Json }> extends EventFacts {
  readonly fields: Fields;
}

interface EventFacts {
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
  readonly [path: string]: Json | EventFacts['files'] | undefined;
}

/** Who caused an event on the server: a browser page, and whom the app's `authenticate` took it for. */
export interface Client<User = unknown> {
  readonly id: string;
  readonly user: User;
}

/** Who causes an event, as its handler knows them. */
export interface EventClient<User = unknown> extends Client<User> {
  /** A new name, which nobody else has; where a route is predicted page and server make the same of one event. */
  newId(): string;
  /** When it happened, in milliseconds since 1970; page and server say the same of one event, too. */
  now(): number;
}

/** Makes a message of an event, at once; null: no message is sent. */
export type EventHandler<Message, Data = EventData> = (data: Data, client: EventClient) => Message | null;

/** A handler with options; made by `on`, which knows what they mean (`wire/on.ts`). */
export class On<out Message = unknown> implements Produces<Message> {
  declare readonly '~message': Message;
  readonly handler: unknown;
  readonly options: OnOptions;

  constructor(handler: unknown, options: OnOptions) {
    this.handler = handler;
    this.options = options;
  }
}

/** A text stands for the message of that type. */
export function toHandler(handler: unknown): unknown {
  // not what is meant as code: `'save()'`, `'a = 1'`
  return typeof handler === 'string' && /^[^\s()='"]+$/.test(handler) ? { type: handler } : handler;
}
