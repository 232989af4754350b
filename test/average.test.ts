// What everybody says of an anime, and how many people are looking, as values.

import { expect, test } from 'vitest';
import { type AverageMessage, createAverage } from '../components/average.ts';
import { simulate } from '../shared/testing.ts';

const none = { animeId: 7, rating: { average: null, votes: 0 }, revision: 0 };

test('the average has two decimals and the votes are counted in words', () => {
  expect(text(told(1, 7, 1))).toContain('7.00 / 10 of 10 One vote');
  expect(text(told(1, 7, 1), told(2, 7.67, 3))).toContain('7.67 / 10 of 10 3 votes');
  expect(text()).toContain('– / 10 no average yet Nobody has voted yet');
});

test('a rating that is older than what is shown is passed over', () => {
  expect(text(told(5, 8, 2), told(4, 1, 1))).toContain('8.00');
});

test('people are counted, not their tabs, and until there are two nobody else is there', () => {
  const [ann, ben] = ['ann', 'ben'];
  expect(people()).toBe('Only you are looking');
  expect(people(came(ann))).toBe('Only you are looking');
  expect(people(came(ann), came(ann))).toBe('Only you are looking');
  expect(people(came(ann), came(ben), came(ann))).toBe('2 people are looking');
  expect(people(came(ann), came(ben), came(ann), left(ann))).toBe('2 people are looking');
  expect(people(came(ann), came(ben), came(ann), left(ann), left(ann))).toBe('Only you are looking');
});

test('who they are is not shown', () => {
  expect(text(came('ann'), came('ben'))).not.toMatch(/ann|ben/);
});

const told = (revision: number, average: number, votes: number): AverageMessage => ({
  type: 'SourceToldRating',
  state: { rating: { average, votes }, revision },
});
const came = (person: string): AverageMessage => ({ type: 'PersonCame', person });
const left = (person: string): AverageMessage => ({ type: 'PersonLeft', person });

const people = (...messages: AverageMessage[]): string | undefined =>
  /votes? (.*)$|voted yet (.*)$/.exec(text(...messages))?.findLast((part) => part !== undefined);

function text(...messages: AverageMessage[]): string {
  const component = createAverage({ read: async () => undefined, listen() {}, personOf: ({ id }) => id });
  const simulation = simulate(component, none);
  simulation.send(...messages);
  return simulation
    .html()
    .replace(/<[^>]*>/g, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}
