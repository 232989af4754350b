// What a page knows its person by: each person's own, whoever was asked about before.

import { expect, test } from 'vitest';
import { personMark } from '../server/limits/account.ts';

test('a person has one mark, another person another, in whatever order they come', () => {
  const people = ['key ann', 'key ann', 'key bob', 'user null', 'user null', 'key ann', 'key bob'];
  const marks = people.map(personMark);
  expect(new Set(marks).size).toBe(3);
  for (const [index, person] of people.entries()) expect(marks[index]).toBe(marks[people.indexOf(person)]);
  // no one learns the key of it
  for (const mark of marks) expect(mark).toMatch(/^[\w-]{16}$/);
});
