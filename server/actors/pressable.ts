/*
 * What an event may say, given what is rendered now: nobody presses what is disabled, chooses what was not offered, or
 * fills in a field that is not there. A browser never reports such an event; a late or a forged one is refused, and
 * fields that a form does not have are left out. Input: the listener that was found, and what the event says. Output:
 * what its handler is to know, or nothing.
 */

import { type EventData, On } from '../../shared/language/events.ts';
import { fieldNames } from '../../shared/language/fields.ts';
import type { Hole } from '../../shared/template/definition.ts';
import type { FoundListener } from '../../shared/tree/rendering.ts';
import type { Instance } from '../../shared/tree/tree.ts';
import {
  type Control,
  factsOf,
  findControl,
  isInDisabledGroup,
  isSet,
  offersOf,
  type Place,
  placeOf,
  textsOf,
} from './outline.ts';

// A disabled control still hears of pointers that pass over it, and where they are: a hint may say why it is disabled.
const presses = /^(click|dblclick|auxclick|mousedown|mouseup|input|beforeinput|change|key\w+|cut|paste|drop)$/;
const choices = /^(input|change|submit)$/;
const canBeDisabled = /^(button|input|select|textarea|option)$|-/;
const noValues: readonly string[] = [];

/** Gives what a handler may know of an event; undefined if it cannot have happened. */
export function admit(found: FoundListener, data: EventData): EventData | undefined {
  return isFree(found, data) ? data : examine(found, data);
}

/** Nearly every event: it says nothing that could be wrong, of what nothing in its view disables. */
function isFree({ instance, hole, outer }: FoundListener, data: EventData): boolean {
  if (data.value !== undefined || data.values !== undefined || data.fields !== undefined) return false;
  if (instance.definition.holes[hole]?.name === 'submit' || factsOf(instance, hole).mayBeDisabled) return false;
  for (const each of outer) if (factsOf(each.instance, each.hole).isInGroup) return false;
  return true;
}

function examine(found: FoundListener, data: EventData): EventData | undefined {
  const { instance, hole, listener } = found;
  const place = placeOf(instance, hole);
  const { name } = instance.definition.holes[hole] as Hole;
  const options = listener instanceof On ? listener.options : {};
  // what happens anywhere in the page, or wherever there is no element, cannot be told from here
  if (!place?.part.element || options.window || options.document || options.outside) return data;
  const { tagName } = place.part.element;
  const isControl = canBeDisabled.test(tagName);
  if (isControl && presses.test(name)) {
    const outer = found.outer.flatMap((each) => placeOf(each.instance, each.hole) ?? []);
    if (isSet(place, 'disabled') || (tagName !== 'option' && isInDisabledGroup(place, outer))) return undefined;
  }
  const isChoice = choices.test(name);
  const { value, values = noValues, fields } = data;
  const chosen = [...(value === undefined ? noValues : [value]), ...values];
  if (isControl) {
    if (chosen.length > 0 && !mayHold(place, chosen, isChoice)) return undefined;
    return fields && !tagName.includes('-') ? without(data, ['fields', 'files', 'submitter']) : data;
  }
  const known = chosen.length > 0 ? withKnownValue(place, data, chosen, isChoice) : data;
  // most events say nothing of fields: then the controls inside are not collected
  if (name !== 'submit' && !fields) return known;
  const form = new FormControls(place, found.outer.at(-1)?.instance ?? instance);
  if (name === 'submit' && !maySubmit(form, data)) return undefined;
  return known && fields ? withKnownFields(form, known, fields, options.fields && fieldNames(options.fields)) : known;
}

/** Tells whether a control can have values; anything can be written into a field. */
function mayHold(place: Place, values: readonly string[], isChoice: boolean): boolean {
  switch (place.part.element?.tagName) {
    case 'select': {
      const offers = offersOf(place, isChoice);
      return values.every((value) => offers.has(value));
    }
    case 'input': {
      const [type = ''] = textsOf(place, 'type');
      if (!/^(radio|checkbox)$/i.test(type)) return true;
      // a radio button or checkbox has the one that its view gave it
      return values.every((value) => textsOf(place, 'value').some((text) => value === (text ?? 'on')));
    }
    case 'button':
      // one that offers nothing has no choice to be forged
      return values.every((value) => textsOf(place, 'value').some((text) => value === (text ?? value)));
    default:
      return true;
  }
}

/** Leaves out a value that nothing inside can have; undefined if it is not offered where it was chosen. */
function withKnownValue(
  place: Place,
  data: EventData,
  values: readonly string[],
  isChoice: boolean,
): EventData | undefined {
  const { name = '' } = data;
  let isThere = name !== '';
  const found = findControl(place, (control) => {
    if ((control.isDisabled && isChoice) || !hasName(control, name)) return false;
    isThere = true;
    return mayHold(control, values, isChoice);
  });
  if (found !== 'none') return data;
  return isThere ? undefined : without(data, ['value', 'values', 'checked']);
}

/** The controls of a form, or of the forms that an element holds. */
class FormControls {
  private readonly place: Place;
  private readonly root: Instance;
  private readonly inside: Control[] = [];
  private outside: readonly Control[] | undefined;
  /** Something inside draws itself. */
  readonly isOpen: boolean;

  constructor(place: Place, root: Instance) {
    this.place = place;
    this.root = root;
    this.isOpen = findControl(place, (control) => this.inside.push(control) < 0) === 'unknown';
  }

  /** Those for which a condition holds: in the form, or else elsewhere, with the form's id. */
  filter(isMeant: (control: Control) => boolean): readonly Control[] {
    const inside = this.inside.filter(isMeant);
    return inside.length > 0 ? inside : this.findOutside().filter(isMeant);
  }

  private findOutside(): readonly Control[] {
    if (this.outside) return this.outside;
    const outside: Control[] = [];
    const isForm = this.place.part.element?.tagName === 'form';
    const [id] = textsOf(this.place, 'id');
    findControl({ part: undefined, instance: this.root }, (control) => {
      const [form] = textsOf(control, 'form');
      if (form && (!isForm || form === id)) outside.push(control);
      return false;
    });
    this.outside = outside;
    return outside;
  }
}

/** Tells whether a form can be submitted: with the button that is named, or at least one that is not disabled. */
function maySubmit(form: FormControls, { submitter }: EventData): boolean {
  if (form.isOpen) return true;
  const buttons = form.filter(isSubmitButton);
  if (!submitter) return buttons.length === 0 || buttons.some((button) => !button.isDisabled);
  const { name, value } = submitter;
  const isIt = (button: Control): boolean => hasName(button, name) && mayHold(button, [value], true);
  return form.filter((button) => isSubmitButton(button) && !button.isDisabled && isIt(button)).length > 0;
}

/** Leaves out fields that the form does not have; undefined if one was chosen that is not offered. */
function withKnownFields(
  form: FormControls,
  data: EventData,
  fields: NonNullable<EventData['fields']>,
  named: readonly string[] | undefined,
): EventData | undefined {
  if (form.isOpen) return data;
  const known: [string, string | readonly string[]][] = [];
  for (const [name, field] of Object.entries(fields)) {
    const controls = form.filter((control) => !control.isDisabled && hasName(control, name));
    const isOffered = [field].flat().every((text) => controls.some((control) => mayHold(control, [text], true)));
    if (controls.length > 0 && !isOffered) return undefined;
    // those of controls elsewhere in the page count if the listener names them
    if (controls.length > 0 || named?.includes(name)) known.push([name, field]);
  }
  return { ...data, fields: Object.fromEntries(known) };
}

function without(data: EventData, names: readonly string[]): EventData {
  return Object.fromEntries(Object.entries(data).filter(([name]) => !names.includes(name)));
}

function hasName(control: Control, name: string): boolean {
  const [type] = textsOf(control, 'type');
  const names = [...textsOf(control, 'name').map((text) => text ?? ''), ...textsOf(control, 'dirname')];
  // an image tells where it was pressed
  const isImage = type?.toLowerCase() === 'image';
  return names.includes(name) || (isImage && /(^|\.)[xy]$/.test(name) && names.includes(name.replace(/\.?[xy]$/, '')));
}

function isSubmitButton(control: Control): boolean {
  const [type = ''] = textsOf(control, 'type');
  const { tagName } = control.part.element ?? {};
  return tagName === 'button' ? !/^(button|reset)$/i.test(type) : tagName === 'input' && /^(submit|image)$/i.test(type);
}
