// Fields of a form as a handler wants them: all of those that it named, each of its kind, whatever a browser sent.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { html, on } from '../shared/index.ts';
import type { EventData, On } from '../shared/language/events.ts';
import { readFields, type WantedFields } from '../shared/language/fields.ts';
import type { HeardOn } from '../shared/wire/on.ts';
import { TestIsland } from './support/render.ts';

const kinds = { title: 'text', done: 'flag', tags: 'list', size: 'number' } as const;

test.each([
  ['nothing', undefined, { title: '', done: false, tags: [], size: null }],
  [
    'one of each',
    { title: 'Milk', done: 'on', tags: 'a', size: '7' },
    { title: 'Milk', done: true, tags: ['a'], size: 7 },
  ],
  [
    'lists everywhere, of which a text and a number are the last',
    { title: ['a', 'b'], done: ['', ''], tags: ['a', 'b'], size: ['1', '2.5'] },
    { title: 'b', done: true, tags: ['a', 'b'], size: 2.5 },
  ],
  ['no number', { size: 'seven' }, { title: '', done: false, tags: [], size: null }],
  ['an empty number', { size: ' ' }, { title: '', done: false, tags: [], size: null }],
  ['a number without end', { size: 'Infinity' }, { title: '', done: false, tags: [], size: null }],
  ['empty lists', { title: [], tags: [] }, { title: '', done: false, tags: [], size: null }],
])('%s', (_, given, read) => {
  expect(readFields(given, kinds)).toEqual(read);
});

test('fields that are only named are texts', () => {
  expect(readFields({ title: 'Milk', tags: ['a', 'b'], more: 'x' }, ['title', 'tags', 'note'])).toEqual({
    title: 'Milk',
    tags: 'b',
    note: '',
  });
});

test('whatever is sent, under whatever names, each is there and of its kind, and no other is', () => {
  const sent = fc.dictionary(
    fc.oneof(fc.constantFrom(...Object.keys(kinds), '__proto__', 'toString'), fc.string()),
    fc.oneof(fc.string(), fc.array(fc.string())),
  );
  fc.assert(
    fc.property(sent, (given) => {
      const { title, done, tags, size, ...others } = readFields(given, kinds);
      expect(typeof title).toBe('string');
      expect(typeof done).toBe('boolean');
      expect(Array.isArray(tags) && tags.every((tag) => typeof tag === 'string')).toBe(true);
      expect(size === null || Number.isFinite(size)).toBe(true);
      expect(others).toEqual({});
      expect(readFields(given, ['toString'])).toEqual({
        toString: Object.hasOwn(given, 'toString') ? ([given.toString].flat().at(-1) ?? '') : '',
      });
    }),
  );
});

test('a handler gets them beside the rest of the event, also where no form was told of', () => {
  const pick = (data: EventData, fields?: WantedFields): EventData =>
    (on(() => null, { ...(fields && { fields }) }) as HeardOn).pick(data);
  const data: EventData = { type: 'submit', value: 'a', fields: { title: 'Milk', role: 'admin' } };
  expect(pick(data, ['title'])).toEqual({ type: 'submit', value: 'a', fields: { title: 'Milk' } });
  expect(pick({ value: 'a' }, kinds)).toEqual({
    value: 'a',
    fields: { title: '', done: false, tags: [], size: null },
  });
  expect(pick(data)).toBe(data);
});

test.each([[{ fields: 'title' }], [{ fields: { title: 'date' } }], [{ fields: [1] }], [{ fields: null }]])(
  'on() refuses %j',
  (options) => {
    expect(() => on(() => null, options as never)).toThrow(
      /fields must be a list of fields' names, or their kinds: text,list,flag,number/,
    );
  },
);

describe('a text is the message of that type', () => {
  test('in a hole, and in on()', () => {
    const island = new TestIsland(html`<p @click=${'UserClicked'} @keyup=${on('UserTyped', { key: 'a' })}></p>`);
    const [click, key] = island.rendering.content as unknown as readonly unknown[];
    expect(click).toEqual({ type: 'UserClicked' });
    expect((key as On).handler).toEqual({ type: 'UserTyped' });
  });

  test.each(['go()', 'count = 1', '', 'a b'])('but not what looks like code: %j', (text) => {
    expect(() => new TestIsland(html`<p @click=${text}></p>`)).toThrow(
      '@click takes a message, its type, a function or on(...)',
    );
  });
});
