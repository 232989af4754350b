// What a component says of its element: a wrong definition is refused when its module loads, by the compiler where it
// can know, else with an error that names the component and the option.

import { describe, expect, expectTypeOf, test } from 'vitest';
import { createMachine, type SnapshotFrom } from 'xstate';
import type { ElementComponent } from '../client-runtime/app/register.ts';
import { type AnyMessage, component, effect, html } from '../shared/index.ts';
import type { ElementOptions } from '../shared/language/element-options.ts';
import { preview } from '../shared/runtime/preview.ts';

interface Model {
  readonly text: string;
}

type Message = { type: 'ParentSetText'; text: string } | { type: 'FormReset' };

function define(options: ElementOptions<Model, Message>) {
  return component<Model, Message>({
    init: () => [{ text: '' }, effect.none],
    update: (model, message) => [message.type === 'ParentSetText' ? { text: message.text } : model, effect.none],
    view: ({ text }) => html`<p>${text}</p>`,
    ...options,
  });
}

/** A definition as one without types would write it. */
const defineAnything = define as (options: object) => unknown;

describe('the check of a definition', () => {
  test.each([
    [{ name: 'rating' }, "rating: 'rating' cannot name a custom element: write it like 'anime-rating'"],
    [{ name: 'Anime-Rating' }, "Anime-Rating: 'Anime-Rating' cannot name a custom element"],
    [
      { name: 'x-a', attributes: { maxScore: () => {} } },
      "x-a: 'maxScore' is no attribute of HTML: write it in lower case",
    ],
    [{ name: 'x-a', attributes: { 'max score': () => {} } }, "x-a: 'max score' is no attribute of HTML"],
    [{ name: 'x-a', attributes: { value: { type: 'Told' } } }, 'x-a: value must be a function'],
    [{ name: 'x-a', attributes: { value: 1 }, properties: { value: () => {} } }, 'x-a: value must be a function'],
    [{ name: 'x-a', properties: { rows: null } }, 'x-a: rows must be a function'],
    [{ name: 'x-a', contexts: { theme: 'dark' } }, 'x-a: theme must be a function'],
    [{ name: 'x-a', onConnect: { type: 'Connected' } }, 'x-a: onConnect must be a function'],
    [{ name: 'x-a', onMove: { type: 'Moved' } }, 'x-a: onMove must be a function'],
    [{ name: 'x-a', states: ['open'] }, 'x-a: states must be a function'],
    [{ name: 'x-a', form: {} }, 'x-a: form needs a value function'],
    [{ name: 'x-a', form: { value: () => null, onReset: 'reset' } }, 'x-a: onReset must be a function'],
    [{ name: 'x-a', shadow: true }, "x-a: shadow must be 'open' or 'closed'"],
    [{ name: 'x-a', shadow: { styles: 'p {}' } }, "x-a: shadow must be 'open' or 'closed'"],
    [{ attributes: { value: 1 } }, 'component: value must be a function'],
  ])('refuses %j', (options, problem) => {
    expect(() => defineAnything(options)).toThrow(`ISLET_ERR_COMPONENT: ${problem}`);
  });

  test('takes every option there is', () => {
    expect(
      define({
        name: 'anime-rating-2',
        attributes: {
          value: (text) => ({ type: 'ParentSetText', text: text ?? '' }),
          'data-x.y_z': () => ({ type: 'FormReset' }),
        },
        properties: { rows: (value) => ({ type: 'ParentSetText', text: String(value) }) },
        contexts: { theme: (value) => ({ type: 'ParentSetText', text: String(value) }) },
        onConnect: ({ id }) => ({ type: 'ParentSetText', text: id }),
        onDisconnect: ({ user }) => ({ type: 'ParentSetText', text: String(user) }),
        onMove: () => ({ type: 'FormReset' }),
        onAdopt: () => ({ type: 'FormReset' }),
        shadow: { mode: 'open', styles: ['page', 'p {}'], delegatesFocus: true },
        states: ({ text }) => (text === '' ? ['empty'] : []),
        form: {
          value: ({ text }) => text,
          validity: ({ text }) =>
            text === '' ? { message: 'Say something', flag: 'valueMissing', anchor: 'p' } : null,
          onReset: () => ({ type: 'FormReset' }),
          onRestore: (value) => ({ type: 'ParentSetText', text: String(value) }),
          onDisabled: () => ({ type: 'FormReset' }),
        },
      }).name,
    ).toBe('anime-rating-2');
  });
});

test('the compiler refuses a message that update does not know, and what the model does not have', () => {
  // never called: these lines are for the compiler
  const wrong = (): void => {
    // @ts-expect-error no such message
    define({ attributes: { value: () => ({ type: 'Unknown' }) } });
    // @ts-expect-error its text is missing
    define({ properties: { value: () => ({ type: 'ParentSetText' }) } });
    // @ts-expect-error no such message
    define({ contexts: { theme: (value) => ({ type: 'Theme', value }) } });
    // @ts-expect-error the value may be anything, so it has to be checked
    define({ properties: { value: (text) => ({ type: 'ParentSetText', text }) } });
    // @ts-expect-error an attribute may be missing
    define({ attributes: { value: (text) => ({ type: 'ParentSetText', text }) } });
    // @ts-expect-error the model has no score
    define({ states: ({ score }) => [score] });
    // @ts-expect-error a form sends texts
    define({ form: { value: ({ text }) => text.length } });
    // @ts-expect-error no such flag
    define({ form: { value: () => null, validity: () => ({ message: '', flag: 'wrong' }) } });
    // @ts-expect-error no such mode
    define({ shadow: 'none' });
    // @ts-expect-error no such option
    define({ shadow: 'open', onRemove: () => ({ type: 'FormReset' }) });
  };
  expect(wrong).toBeTypeOf('function');
});

test("a machine's options know its snapshot and its events", () => {
  const machine = createMachine({
    types: {} as { events: { type: 'switch' } | { type: 'set'; value: string } },
    initial: 'off',
    states: { off: { on: { switch: 'on' } }, on: { on: { switch: 'off' } } },
  });
  const light = component({
    machine,
    view: (snapshot) => html`<p>${String(snapshot.value)}</p>`,
    attributes: { value: (text) => ({ type: 'set', value: text ?? '' }) },
    states(snapshot) {
      expectTypeOf(snapshot).toEqualTypeOf<SnapshotFrom<typeof machine>>();
      return snapshot.matches('on') ? ['lit'] : [];
    },
    form: { value: (snapshot) => String(snapshot.value), onReset: () => ({ type: 'switch' }) },
  });
  expect(light.states?.(preview(light, {}, [{ type: 'switch' }]) as SnapshotFrom<typeof machine>)).toEqual(['lit']);
  const wrong = (): void => {
    // @ts-expect-error no such event
    component({ machine, view: () => html``, attributes: { value: () => ({ type: 'unknown' }) } });
  };
  expect(wrong).toBeTypeOf('function');
});

test('only a component that can start from attributes, or from nothing, can be an element', () => {
  const next = (): readonly [null, typeof effect.none] => [null, effect.none];
  const rest = { init: next, update: next, view: () => html`<p></p>` };
  const any = component<null, AnyMessage>(rest);
  const nothing = component<null, AnyMessage, undefined>(rest);
  const attributes = component<null, AnyMessage, { readonly [name: string]: string }>(rest);
  const numbers = component<null, AnyMessage, { start: number }>(rest);
  expectTypeOf(any).toExtend<ElementComponent>();
  expectTypeOf(nothing).toExtend<ElementComponent>();
  expectTypeOf(attributes).toExtend<ElementComponent>();
  expectTypeOf(numbers).not.toExtend<ElementComponent>();
  expect([any, nothing, attributes, numbers]).toHaveLength(4);
});
