/*
 * Listeners with options, as a view writes them. What reads the options and tells the browser of them comes along with
 * `on`: a page whose components have none does not load it. Input: a handler and its options. Output: how it is heard, and
 * what its handler gets.
 */

import { type EventData, type EventDataWith, type EventHandler, On, toHandler } from '../language/events.ts';
import { type FieldsOf, type FormFields, readFields, type WantedFields } from '../language/fields.ts';
import { checkOptions, type OnOptions } from '../language/on-options.ts';
import { encodeOptions, type WireListener } from './listener.ts';

/**
 * Adds options to an event's message or handler. Without one (`null`) nothing is told: the browser is only kept from
 * what it does by itself. A text is the message of that type.
 *
 * @throws TypeError when an option is unknown, or has no meaning.
 * @example html`<input @input=${on((data) => ({ type: 'UserTyped', text: data.value ?? '' }), { debounceMs: 200 })}>`
 * @example html`<form @submit=${on(({ fields }) => ({ type: 'UserSent', title: fields.title }), { fields: ['title'] })}>`
 * @example html`<button @click=${on('UserClicked', { once: true })}>`
 * @example html`<div @dragover=${on(null, { preventDefault: true })}>`
 */
export function on(handler: null, options: OnOptions): On<never>;
export function on<const Type extends string>(type: Type, options?: OnOptions): On<{ readonly type: Type }>;
export function on<const Message extends Typed, const Wanted extends WantedFields = never>(
  handler: EventHandler<Message, EventDataWith<FieldsOf<Wanted>>>,
  options: OnOptions & { readonly fields: Wanted },
): On<Told<Message>>;
export function on<const Message extends Typed>(
  handler: Message | EventHandler<Message>,
  options?: OnOptions,
): On<Told<Message>>;
export function on(handler: unknown, options: OnOptions = {}): On<never> {
  checkOptions(options);
  if (handler === null && !options.preventDefault && !options.stopPropagation) {
    throw new TypeError('on(): without a handler, say preventDefault or stopPropagation');
  }
  return new HeardOn(toHandler(handler), options);
}

interface Typed {
  readonly type: string;
}

// Of a handler that only gives null TypeScript infers nothing, and takes the constraint itself.
type Told<Message> =
  (<Any>() => Any extends Message ? 1 : 2) extends <Any>() => Any extends Typed ? 1 : 2 ? never : Message;

/** A handler that brings along what its options mean. */
export class HeardOn extends On<never> {
  encode(): WireListener {
    return encodeOptions(this.handler, this.options);
  }

  /** Gives its handler the fields that it has named, each of its kind, and no others. */
  pick(data: EventData): EventData {
    const { fields } = this.options;
    // the types of `on` say which fields its handler gets
    return fields ? { ...data, fields: readFields(data.fields, fields) as FormFields } : data;
  }
}
