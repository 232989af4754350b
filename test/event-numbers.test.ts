// What became of the events of an island, where those who knew it are gone.

import { expect, test } from 'vitest';
import { EventNumbers } from '../server/actors/event-numbers.ts';

const knownTo = (count: number): EventNumbers => {
  const numbers = new EventNumbers(0, { event: 0, refused: [] }, false);
  for (let number = 1; number <= count; number++) numbers.take(number);
  numbers.onHandled(1);
  numbers.seal();
  return numbers;
};

test('what has no outcome is as new when it is said again', () => {
  const numbers = knownTo(3);
  numbers.expectAgain(false);
  expect(numbers.answer(false)).toBe(1);
  expect([numbers.take(1), numbers.take(2), numbers.take(4)]).toEqual(['again', 'next', 'gap']);
});

test('that nobody knows is said until the page has heard it, however much it has heard of what was before', () => {
  const numbers = knownTo(3);
  numbers.expectAgain(true);
  expect(numbers.answer(false)).toBe(-1);
  // that was lost with its connection: the page still waits for 2 and 3, or has heard of 1 only now
  for (const settled of [0, 1]) {
    numbers.settle(settled);
    expect(numbers.answer(false)).toBe(-1);
  }
  // what was under way then is no word of having heard it
  expect(numbers.take(2)).toBe('next');
  numbers.settle(1);
  expect(numbers.answer(false)).toBe(-1);
  // its numbers go on behind all that it gave up
  numbers.settle(4);
  expect(numbers.answer(false)).toBe(4);
  expect(numbers.take(5)).toBe('next');
});

test('of a turn that is being committed nothing is told', () => {
  const numbers = knownTo(2);
  expect(numbers.outcome(true)).toBe(0);
  numbers.onKept();
  expect(numbers.outcome(true)).toBe(1);
  numbers.onHandled(2);
  numbers.seal();
  expect([numbers.outcome(true), numbers.isPending(true)]).toEqual([1, true]);
  // where no turn is, it is told as soon as it was handled
  expect(numbers.outcome(false)).toBe(2);
});

test('however many are refused at once, each is told', () => {
  const numbers = new EventNumbers(0, { event: 0, refused: [] }, false);
  for (let event = 1; event <= 1_000; event++) {
    numbers.take(event);
    numbers.onRefused({ event, code: 'ISLET_ERR_NOT_TRIED' });
    numbers.onHandled(event);
  }
  expect(numbers.takeRefusals(false).map(({ event }) => event)).toEqual(
    Array.from({ length: 1_000 }, (_, at) => at + 1),
  );
});

test('of more refusals than are kept for a page that comes back, it hears that nobody knows, and else nothing of the kind', () => {
  const refusedAnd = (settled: number): EventNumbers => {
    const numbers = new EventNumbers(0, { event: 0, refused: [] }, false);
    for (let event = 1; event <= 400; event++) {
      numbers.take(event);
      numbers.onRefused({ event, code: 'ISLET_ERR_NOT_TRIED' });
      numbers.onHandled(event);
      numbers.takeRefusals(false);
    }
    numbers.settle(settled);
    return numbers;
  };
  // it has heard of none, or of all that are forgotten
  const lost = refusedAnd(0);
  expect(lost.answer(false)).toBe(-1);
  lost.settle(0);
  expect(lost.answer(false)).toBe(-1);
  lost.settle(401);
  expect(lost.answer(false)).toBe(401);
  const heard = refusedAnd(200);
  expect(heard.answer(false)).toBe(400);
  expect(heard.takeRefusals(false).map(({ event }) => event)).toEqual(Array.from({ length: 200 }, (_, at) => at + 201));
});
