// What everybody says of an anime, and how many people are looking, as values.

import { expect, test } from 'vitest';
import { type AverageMessage, createAverage } from '../components/average.ts';
import { simulate } from '../server/testing/index.ts';
import { createTopic } from './support/topics.ts';

const none = { animeId: 7, rating: { average: null, votes: 0 }, revision: 0 };

test('the average has two decimals and the votes are counted in words', () => {
  expect(text(told(1, 7, 1))).toContain('7.00 / 10 of 10 One vote');
  expect(text(told(1, 7, 1), told(2, 7.67, 3))).toContain('7.67 / 10 of 10 3 votes');
  expect(text()).toContain('– / 10 no average yet Nobody has voted yet');
});

test('a rating that is older than what is shown is passed over', () => {
  expect(text(told(5, 8, 2), told(4, 1, 1))).toContain('8.00');
});

test('people are counted, not their pages, and until there are two nobody else is there', () => {
  const [ann, ben] = ['ann', 'ben'];
  expect(people()).toBe('Only you are looking');
  expect(people(came(1, ann))).toBe('Only you are looking');
  expect(people(came(1, ann), came(2, ann))).toBe('Only you are looking');
  expect(people(came(1, ann), came(2, ben), came(3, ann))).toBe('2 people are looking');
  expect(people(came(1, ann), came(2, ben), came(3, ann), left(1))).toBe('2 people are looking');
  expect(people(came(1, ann), came(2, ben), came(3, ann), left(1), left(3))).toBe('Only you are looking');
  expect(people(came(1, ann), came(2, ben), left(3))).toBe('2 people are looking');
});

test('a page that shows the rating twice is gone when it shows it no more', () => {
  const both = [came(1, 'ann'), came(2, 'ben'), came(2, 'ben')];
  expect(people(...both, left(2))).toBe('2 people are looking');
  expect(people(...both, left(2), left(2))).toBe('Only you are looking');
});

test('who they are is not shown', () => {
  expect(text(came(1, 'ann'), came(2, 'ben'))).not.toMatch(/ann|ben/);
});

const told = (revision: number, average: number, votes: number): AverageMessage => ({
  type: 'SourceToldRating',
  state: { rating: { average, votes }, revision },
});
const came = (id: number, person: string): AverageMessage => ({ type: 'PageCame', id: `page ${id}`, person });
const left = (id: number): AverageMessage => ({ type: 'PageLeft', id: `page ${id}` });

const people = (...messages: AverageMessage[]): string | undefined =>
  /votes? (.*)$|voted yet (.*)$/.exec(text(...messages))?.findLast((part) => part !== undefined);

function text(...messages: AverageMessage[]): string {
  const component = createAverage({ read: async () => undefined, changes: createTopic(), personOf: ({ id }) => id });
  const simulation = simulate(component, none);
  simulation.send(...messages);
  return simulation
    .html()
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
