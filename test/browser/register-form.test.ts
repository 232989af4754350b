// A component as a control of a form: what the form sends, what it says of validity, reset, restore, autofill,
// disabled, labels. All of it is said by functions of the model and by messages.

import { describe, expect, test } from 'vitest';
import { register } from '../../client-runtime/app/register.ts';
import { component, effect, html } from '../../shared/index.ts';
import type { FormOptions } from '../../shared/language/element-options.ts';
import { nextName, rendered, show } from '../support/elements.ts';

interface Model {
  readonly text: string;
  readonly isDisabled: boolean;
}

type Message =
  | { type: 'UserTyped'; text: string }
  | { type: 'FormReset' }
  | { type: 'FormRestored'; value: unknown; reason: string }
  | { type: 'FormDisabled'; isDisabled: boolean };

function define(options: Partial<FormOptions<Model, Message>> = {}, name = nextName()): string {
  const definition = component<Model, Message>({
    name,
    init: () => [{ text: 'first', isDisabled: false }, effect.none],
    update(model, message) {
      switch (message.type) {
        case 'UserTyped':
          return [{ ...model, text: message.text }, effect.none];
        case 'FormReset':
          return [{ ...model, text: 'first' }, effect.none];
        case 'FormRestored':
          return [{ ...model, text: `${message.reason}: ${JSON.stringify(message.value)}` }, effect.none];
        case 'FormDisabled':
          return [{ ...model, isDisabled: message.isDisabled }, effect.none];
      }
    },
    view: ({ text, isDisabled }) => html`
      <input .value=${text} ?disabled=${isDisabled} @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
    `,
    form: {
      value: ({ text }) => text,
      onReset: () => ({ type: 'FormReset' }),
      onRestore: (value, reason) => ({ type: 'FormRestored', value, reason }),
      onDisabled: (isDisabled) => ({ type: 'FormDisabled', isDisabled }),
      ...options,
    },
  });
  register(definition);
  return name;
}

type Control = HTMLElement &
  Pick<
    HTMLInputElement,
    'form' | 'labels' | 'validity' | 'validationMessage' | 'willValidate' | 'checkValidity' | 'reportValidity'
  > & {
    formStateRestoreCallback(state: string | FormData, reason: string): void;
  };

async function showInForm(
  name: string,
  attributes = 'name="answer"',
): Promise<{ form: HTMLFormElement; control: Control; input: HTMLInputElement }> {
  const form = await show<HTMLFormElement>(
    `<form><label for="it">Answer</label><${name} id="it" ${attributes}></${name}></form>`,
  );
  const control = form.querySelector(name) as Control;
  return { form, control, input: control.querySelector('input') as HTMLInputElement };
}

async function type(input: HTMLInputElement, text: string): Promise<void> {
  input.value = text;
  input.dispatchEvent(new Event('input', { bubbles: true }));
  await rendered();
}

const sentBy = (form: HTMLFormElement): unknown[] => [...new FormData(form)];

describe('what a form sends', () => {
  test('is the value that the model has, under the name of the element', async () => {
    const { form, control, input } = await showInForm(define());
    expect(sentBy(form)).toEqual([['answer', 'first']]);
    await type(input, 'second');
    expect(sentBy(form)).toEqual([['answer', 'second']]);
    expect(control.form).toBe(form);
    expect([...form.elements]).toContain(control);
  });

  test('is nothing where the value is null', async () => {
    const { form } = await showInForm(define({ value: () => null }));
    expect(sentBy(form)).toEqual([]);
  });

  test('may be several fields with names of their own', async () => {
    const { form } = await showInForm(define({ value: ({ text }) => ({ text, tags: ['a', 'b'] }) }));
    expect(sentBy(form)).toEqual([
      ['text', 'first'],
      ['tags', 'a'],
      ['tags', 'b'],
    ]);
  });
});

describe('validity', () => {
  const required = define({
    validity: ({ text }) => (text === '' ? { message: 'Please answer', flag: 'valueMissing' } : null),
  });

  test('follows the model', async () => {
    const { form, control, input } = await showInForm(required);
    expect(form.checkValidity()).toBe(true);
    await type(input, '');
    expect(form.checkValidity()).toBe(false);
    expect(control.matches(':invalid')).toBe(true);
    expect(control.validity.valueMissing).toBe(true);
    expect(control.validationMessage).toBe('Please answer');
    expect(control.checkValidity()).toBe(false);
    await type(input, 'x');
    expect(control.matches(':valid')).toBe(true);
    expect(control.validationMessage).toBe('');
  });

  test('may be said in words alone', async () => {
    const { control } = await showInForm(define({ validity: () => 'Never right' }));
    expect(control.validity.customError).toBe(true);
    expect(control.validationMessage).toBe('Never right');
    expect(control.willValidate).toBe(true);
  });

  test('takes who submits to the control that is wrong', async () => {
    const { form, input } = await showInForm(required);
    await type(input, '');
    expect(form.reportValidity()).toBe(false);
    expect(document.activeElement).toBe(input);
  });
});

describe('what the form does to the element', () => {
  test('a reset is a message', async () => {
    const { form, input } = await showInForm(define());
    await type(input, 'second');
    form.reset();
    await rendered();
    expect(input.value).toBe('first');
    expect(sentBy(form)).toEqual([['answer', 'first']]);
  });

  test('disabling it, or the fieldset around it, is a message', async () => {
    const name = define();
    const { control, input } = await showInForm(name);
    control.toggleAttribute('disabled', true);
    await rendered();
    expect(input.disabled).toBe(true);
    expect(control.matches(':disabled')).toBe(true);
    control.toggleAttribute('disabled', false);
    await rendered();
    expect(input.disabled).toBe(false);

    const fieldset = await show(`<fieldset disabled><${name}></${name}></fieldset>`);
    expect(fieldset.querySelector('input')?.disabled).toBe(true);
  });

  // A browser calls these when a person comes back to the page or has a form filled in: test/e2e/register.test.ts.
  test('a value that comes back has the shape that the form got', async () => {
    const { control, input } = await showInForm(define());
    control.formStateRestoreCallback('before', 'restore');
    await rendered();
    expect(input.value).toBe('restore: "before"');

    const fields = new FormData();
    for (const [key, value] of [
      ['text', 'a'],
      ['tags', 'b'],
      ['tags', 'c'],
    ] as const)
      fields.append(key, value);
    control.formStateRestoreCallback(fields, 'autocomplete');
    await rendered();
    expect(input.value).toBe('autocomplete: {"text":"a","tags":["b","c"]}');
  });
});

test('a label belongs to it', async () => {
  const { control } = await showInForm(define());
  expect([...(control.labels ?? [])].map(({ textContent }) => textContent)).toEqual(['Answer']);
});

test('an element of a component without form options is no control', async () => {
  const name = nextName();
  register(
    component<null, Message>({
      name,
      init: () => [null, effect.none],
      update: () => [null, effect.none],
      view: () => html`<p></p>`,
    }),
  );
  const form = await show<HTMLFormElement>(`<form><${name} name="answer"></${name}></form>`);
  expect(form.elements).toHaveLength(0);
  expect('form' in (form.firstElementChild as Element)).toBe(false);
});
