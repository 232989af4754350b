// Any form and anything done with it, for properties: controls of each kind, heard or not, a model that takes, refuses
// or changes what it is told, and what a person does. `perform` runs in the page and needs nothing else, so that a test
// can hand it to one. Other things that happen to a page can be added to the acts of a test.

import fc from 'fast-check';
import { component, type EventData, effect, html, type Template } from '../../shared/index.ts';

const kinds = ['text', 'area', 'box', 'radio', 'select', 'range'] as const;

export interface ControlSpec {
  readonly kind: (typeof kinds)[number];
  /** What tells it. Of a form that is sent, the form does in any case. */
  readonly heard: 'input' | 'change' | 'none';
  /** What the model does with what it is told. */
  readonly answer: 'take' | 'refuse' | 'change';
}

export interface FormSpec {
  readonly controls: readonly ControlSpec[];
  /** What is done when the form is sent; undefined: nobody hears that. */
  readonly sent: 'keep' | 'clear' | undefined;
}

export type Act =
  | { readonly kind: 'do'; readonly control: number; readonly text: string }
  /** Text comes by an input method. */
  | { readonly kind: 'compose'; readonly control: number; readonly text: string }
  | { readonly kind: 'blur' | 'reset' | 'submit' | 'poke' | 'wait' }
  /** An event after which the model is what it was. */
  | { readonly kind: 'rest' };

export const anyForm: fc.Arbitrary<FormSpec> = fc.record({
  controls: fc.array(
    fc.record({
      kind: fc.constantFrom(...kinds),
      heard: fc.constantFrom('input', 'change', 'none'),
      answer: fc.constantFrom('take', 'refuse', 'change'),
    }),
    { minLength: 1, maxLength: 5 },
  ),
  sent: fc.constantFrom('keep', 'clear', undefined),
});

const anyControl = { control: fc.nat(4), text: fc.constantFrom('a', 'b ', 'xyz', '1', ' ') };

export const anyAct: fc.Arbitrary<Act> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('do'), ...anyControl }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('compose'), ...anyControl }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('blur', 'reset', 'submit', 'poke', 'wait') }) },
);

export interface FormModel {
  readonly spec: FormSpec;
  readonly values: readonly string[];
  readonly pokes: number;
  /** What was told: of which control, and what. */
  readonly log: readonly (readonly [control: number, value: string])[];
}

/** What the page shows of the model, beside its controls. */
export type Shown = Omit<FormModel, 'spec'>;

type Message =
  | { readonly type: 'Told'; readonly control: number; readonly value: string }
  | { readonly type: 'Sent' }
  | { readonly type: 'Poked' }
  | { readonly type: 'Rested' };

const choices = ['a', 'b', 'c'];

/** What the model makes of a control by itself, each time something else than before. */
function ownValue({ kind }: ControlSpec, count: number): string {
  switch (kind) {
    case 'box':
      return `${count % 2 === 1}`;
    case 'radio':
    case 'select':
      return choices[count % 3] as string;
    case 'range':
      return `${10 + count}`;
    default:
      return count === 0 ? '' : `model ${count}`;
  }
}

function answerTo({ answer, kind }: ControlSpec, before: string, told: string): string {
  if (answer === 'take') return told;
  if (answer === 'refuse') return before;
  return kind === 'box'
    ? 'true'
    : kind === 'range'
      ? '40'
      : kind === 'text' || kind === 'area'
        ? told.toUpperCase()
        : 'c';
}

/** Shows any form, in one of two ways that have no template in common. */
const formIn = (frame: (content: Template<Message>) => Template<Message>) =>
  component<FormModel, Message, FormSpec>({
    init: (spec) => [{ spec, values: spec.controls.map((each) => ownValue(each, 0)), pokes: 0, log: [] }, effect.none],
    update(model, message) {
      const { values, pokes, log } = model;
      const { controls, sent } = model.spec;
      if (message.type === 'Rested') return [{ ...model, pokes: pokes + 1 }, effect.none];
      if (message.type === 'Poked') {
        return [{ ...model, pokes: pokes + 1, values: controls.map((each) => ownValue(each, pokes + 1)) }, effect.none];
      }
      if (message.type === 'Sent') {
        return [
          sent === 'clear' ? { ...model, values: controls.map((each) => ownValue(each, 0)) } : model,
          effect.none,
        ];
      }
      const { control, value } = message;
      const next = answerTo(controls[control] as ControlSpec, values[control] as string, value);
      return [{ ...model, values: values.with(control, next), log: [...log, [control, value] as const] }, effect.none];
    },
    view: ({ spec, values, pokes, log }) =>
      frame(html`
      <form @submit=${spec.sent ? { type: 'Sent' } : null}>
        ${spec.controls.map((each, index) => viewControl(each, index, values[index] as string))}
        <button type="button" class="poke" @click=${{ type: 'Poked' }}>poke</button>
      <button type="button" class="rest" @click=${{ type: 'Rested' }}>rest</button>
      </form>
      <output>${JSON.stringify({ values, pokes, log })}</output>
    `),
  });

export const form = formIn((content) => content);
/** What another release shows in its place. */
export const formOfNextRelease = formIn((content) => html`<section><h1>Next</h1>${content}</section>`);

function viewControl({ kind, heard }: ControlSpec, control: number, value: string) {
  const tell = ({ value, checked }: EventData): Message => ({
    type: 'Told',
    control,
    value: kind === 'box' ? `${checked}` : (value ?? ''),
  });
  const input = heard === 'input' ? tell : null;
  const change = heard === 'change' ? tell : null;
  const name = `c${control}`;
  switch (kind) {
    case 'text':
      return html`<p><input name=${name} .value=${value} @input=${input} @change=${change}></p>`;
    case 'area':
      return html`<p><textarea name=${name} @input=${input} @change=${change}>${value}</textarea></p>`;
    case 'box':
      return html`<p><input name=${name} type="checkbox" .checked=${value === 'true'} @input=${input} @change=${change}></p>`;
    case 'range':
      return html`<p><input name=${name} type="range" .value=${value} @input=${input} @change=${change}></p>`;
    case 'select':
      return html`<p><select name=${name} .value=${value} @input=${input} @change=${change}>
        <option>a</option><option>b</option><option>c</option></select></p>`;
    case 'radio':
      return html`
        <p>
          <input name=${name} type="radio" value="a" .checked=${value === 'a'} @input=${input} @change=${change}>
          <input name=${name} type="radio" value="b" .checked=${value === 'b'} @input=${input} @change=${change}>
          <input name=${name} type="radio" value="c" .checked=${value === 'c'} @input=${input} @change=${change}>
        </p>
      `;
  }
}

/** What each control holds. */
export function readControls(root: ParentNode): string[] {
  return Array.from(root.querySelectorAll('form > p'), (place) => {
    const field = (place.querySelector('input:checked[type=radio]') ?? place.firstElementChild) as HTMLInputElement;
    return field.type === 'checkbox' ? `${field.checked}` : field.type === 'radio' && !field.checked ? '' : field.value;
  });
}

/** What was done to a control, and what it held before. */
export type Deed = readonly [control: number, value: string, before: string];

/** Does what a person would do. Runs in a page by itself. */
export function perform(act: Act): Deed | undefined {
  const form = document.querySelector('form') as HTMLFormElement;
  // who presses a button leaves the field
  if (act.kind !== 'do' && act.kind !== 'compose' && act.kind !== 'wait')
    (document.activeElement as HTMLElement | null)?.blur();
  if (act.kind === 'reset') form.reset();
  else if (act.kind === 'poke' || act.kind === 'rest') form.querySelector<HTMLElement>(`.${act.kind}`)?.click();
  else if (act.kind === 'submit') form.requestSubmit();
  if (act.kind !== 'do' && act.kind !== 'compose') return undefined;
  const places = form.querySelectorAll(':scope > p');
  const control = act.control % places.length;
  const place = places[control] as Element;
  let field = place.firstElementChild as HTMLInputElement;
  const choice = 'abc'[act.text.charCodeAt(0) % 3] as string;
  const read = (): string =>
    field.type === 'checkbox'
      ? `${field.checked}`
      : field.type === 'radio'
        ? (place.querySelector<HTMLInputElement>(':checked')?.value ?? '')
        : field.value;
  const before = read();
  const tell = (): void => {
    for (const type of ['input', 'change']) field.dispatchEvent(new Event(type, { bubbles: true }));
  };
  if (field.type === 'checkbox') field.click();
  else if (field.type === 'radio') {
    field = place.querySelector(`[value=${choice}]`) as HTMLInputElement;
    if (field.checked) return undefined;
    field.click();
  } else if (field.localName === 'select') {
    if (field.value === choice) return undefined;
    field.value = choice;
    tell();
  } else if (field.type === 'range') {
    field.value = `${act.text.charCodeAt(0) % 90}`;
    tell();
  } else {
    field.focus();
    // an input method says when it begins and when it is done
    if (act.kind === 'compose') field.dispatchEvent(new CompositionEvent('compositionstart', { bubbles: true }));
    document.execCommand('insertText', false, act.text);
    if (act.kind === 'compose') field.dispatchEvent(new CompositionEvent('compositionend', { bubbles: true }));
  }
  return [control, read(), before];
}

/** What was done so far, as far as the laws ask. */
export class Deeds {
  /** For each control: what it was left with by its person, until that is sent, withdrawn, or settled. */
  private readonly last = new Map<number, string>();
  /** What it held before that; null: that is not known any more. */
  private readonly before = new Map<number, string | null>();
  private readonly count = new Map<number, number>();
  /** Controls that a browser may have filled in again as they were. */
  private readonly restored = new Set<number>();
  /** Controls that show what the model has of them, since their form was reset: that is not their person's any more. */
  private readonly withdrawn = new Set<number>();
  private readonly spec: FormSpec;

  constructor(spec: FormSpec) {
    this.spec = spec;
  }

  note(act: Act, deed: Deed | undefined): void {
    if (deed) {
      const [control, value, before] = deed;
      this.withdrawn.delete(control);
      this.count.set(control, (this.count.get(control) ?? 0) + 1);
      if (!this.last.has(control)) this.before.set(control, before);
      // what is put back by its person has not been changed, where that can be seen
      const { kind, heard } = this.spec.controls[control] as ControlSpec;
      if (heard === 'none' && kind !== 'select' && kind !== 'range' && this.before.get(control) === value)
        this.last.delete(control);
      else this.last.set(control, value);
    }
    if (act.kind === 'reset') for (const index of this.spec.controls.keys()) this.withdrawn.add(index);
    if (act.kind === 'submit' || act.kind === 'reset') {
      this.restored.clear();
      for (const [index, { heard }] of this.spec.controls.entries()) if (heard === 'none') this.last.delete(index);
    }
  }

  /**
   * There is another actor, which begins anew: what a person did and still shows is told to it.
   *
   * @param model What the actor before it said last.
   */
  restart(model: readonly string[], shown: readonly string[]): void {
    for (const [index, control] of this.spec.controls.entries()) {
      const now = shown[index] as string;
      const isHeld = now === this.last.get(index) && !this.withdrawn.has(index);
      const isOwn = control.heard === 'none' ? now !== model[index] : isHeld;
      const isKept = isOwn && now !== ownValue(control, 0);
      if (isKept) this.last.set(index, now);
      else this.last.delete(index);
      this.before.set(index, null);
      // what a browser has filled in again counts as its person's
      this.count.set(index, isKept || this.restored.has(index) ? 1 : 0);
    }
    this.restored.clear();
    this.withdrawn.clear();
  }

  /** The page was left and is there again: what its browser fills in then is told to another actor. */
  comeBack(): void {
    for (const index of this.spec.controls.keys()) {
      this.last.delete(index);
      this.before.set(index, null);
      this.count.set(index, 1);
      this.restored.add(index);
    }
    this.withdrawn.clear();
  }

  /** What is wrong with what is shown, told and known, once all has been settled and nothing has the focus. */
  findFaults({ values, log }: Shown, shown: readonly string[]): string[] {
    const faults: string[] = [];
    for (const [index, { heard }] of this.spec.controls.entries()) {
      const last = this.last.get(index);
      // what is only told when the form is sent stays until then
      const isWaiting = heard === 'none' && this.spec.sent;
      if (isWaiting && last === undefined && this.restored.has(index)) continue;
      const wanted = isWaiting && last !== undefined ? last : values[index];
      if (shown[index] !== wanted) faults.push(`control ${index} shows ${shown[index]}, wanted ${wanted}`);
      const told = log.filter(([control]) => control === index);
      if (told.length > (this.count.get(index) ?? 0)) faults.push(`control ${index} was told too often`);
      const isLost = heard !== 'none' && this.last.has(index) && told.at(-1)?.[1] !== last;
      if (isLost) faults.push(`control ${index}: told ${told.at(-1)?.[1]} last, and what was done is ${last}`);
    }
    return faults;
  }
}
