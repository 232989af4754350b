// The rating as values: messages go into `update`, models and effects come out. No actor, no server, no browser.
// What its view says is read from the template itself.

import { describe, expect, test } from 'vitest';
import { type RatingMessage, type RatingModel, rating } from '../components/rating.ts';
import type { Template } from '../shared/index.ts';
import type { Effect } from '../shared/language/effect.ts';

const up: RatingMessage = { type: 'UserClickedUp' };
const down: RatingMessage = { type: 'UserClickedDown' };
const save: RatingMessage = { type: 'UserClickedSave' };

describe('the score', () => {
  test('starts at 5 and is not saved', () => {
    expect(rating.init(undefined)[0]).toEqual({ score: 5, saved: null });
  });

  test('goes up and down by one', () => {
    expect(modelAfter(up, up, down).score).toBe(6);
  });

  test('stays within 1 and 10', () => {
    expect(modelAfter(...Array<RatingMessage>(20).fill(up)).score).toBe(10);
    expect(modelAfter(...Array<RatingMessage>(20).fill(down)).score).toBe(1);
  });

  test('is the same model at an end of the scale, so that nothing is rendered', () => {
    const highest: RatingModel = { score: 10, saved: null };
    expect(rating.update(highest, up)[0]).toBe(highest);
    const lowest: RatingModel = { score: 1, saved: null };
    expect(rating.update(lowest, down)[0]).toBe(lowest);
  });
});

describe('the value attribute', () => {
  test('sets the score', () => {
    expect(modelAfter(valueAttribute('8')).score).toBe(8);
    expect(modelAfter(valueAttribute(' 10 ')).score).toBe(10);
  });

  test.each([null, '', '0', '11', '-3', '7.5', '1e1', '0x7', 'seven', '999999'])('is ignored when it is %j', (text) => {
    const model: RatingModel = { score: 4, saved: 4 };
    expect(rating.update(model, valueAttribute(text))[0]).toBe(model);
  });
});

describe('saving', () => {
  test('remembers the score and fires change with it', () => {
    const [model, effect] = rating.update({ score: 7, saved: null }, save);
    expect(model).toEqual({ score: 7, saved: 7 });
    expect(emitted(effect)).toEqual([['change', 7]]);
  });

  test('fires change each time, also for the same score', () => {
    expect(emitted(rating.update({ score: 7, saved: 7 }, save)[1])).toEqual([['change', 7]]);
  });

  test('is the only thing that fires', () => {
    for (const message of [up, down, valueAttribute('3')]) {
      expect(emitted(rating.update({ score: 7, saved: null }, message)[1])).toEqual([]);
    }
  });
});

describe('a parent that stores the score', () => {
  const note = (text: string | null): RatingMessage => ({ type: 'ParentSetNote', text });
  const answered: RatingMessage = { type: 'ParentAnswered' };

  test('says what is stored, in place of the rating itself', () => {
    expect(shown(modelAfter(note('Your vote: 7')))).toContain('Your vote: 7');
    expect(shown(modelAfter(note('Your vote: 7'), up, save, note('Your vote: 6')))).toContain('Your vote: 6');
    expect(shown(modelAfter(note('Your vote: 7'), note(null)))).toContain('Not saved yet');
  });

  test('is waited for after a save, until it says something or that it has answered', () => {
    expect(shown(modelAfter(note('None'), save))).toContain('Sending…');
    expect(shown(modelAfter(note('None'), save, note('Storing…')))).toContain('Storing…');
    expect(shown(modelAfter(note('None'), save, answered))).toContain('None');
    const late: RatingMessage = { type: 'TimePassed', save: 1 };
    expect(shown(modelAfter(note('None'), save, late))).toContain('None. What you saved since is not confirmed yet');
    expect(shown(modelAfter(note('None'), save, answered, late))).toContain('None');
    expect(shown(modelAfter(note('None'), save, late, answered))).toContain('None');
  });

  test('is waited for as long after a second save as after the first', () => {
    const late = (time: number): RatingMessage => ({ type: 'TimePassed', save: time });
    expect(shown(modelAfter(note('None'), save, answered, save, late(1)))).toContain('Sending…');
    expect(shown(modelAfter(note('None'), save, save, late(1)))).toContain('Sending…');
    expect(shown(modelAfter(note('None'), save, note('Your vote: 5'), save, late(1)))).toContain('Sending…');
    expect(shown(modelAfter(note('None'), save, answered, save, late(1), late(2)))).toContain(
      'None. What you saved since is not confirmed yet',
    );
  });

  test('does not change the score by giving back what was saved: one may have gone on', () => {
    const model = modelAfter(note('None'), up, save, up, up, valueAttribute('6'), note('Your vote: 6'), answered);
    expect(model.score).toBe(8);
    expect(modelAfter(note('None'), up, save, up, answered, valueAttribute('6')).score).toBe(6);
    expect(modelAfter(note('None'), up, save, up, valueAttribute('3')).score).toBe(3);
    expect(modelAfter(note('None'), up, save, up, valueAttribute('6'), valueAttribute('6')).score).toBe(6);
  });

  test('of no such kind is nothing to the rating', () => {
    const model: RatingModel = { score: 4, saved: 4 };
    expect(rating.update(model, answered)[0]).toBe(model);
  });
});

describe('the view', () => {
  test('confirms a saved score until it is another one', () => {
    expect(shown(modelAfter())).toContain('Not saved yet');
    expect(shown(modelAfter(up, save))).toContain('Saved: 6 of 10');
    expect(shown(modelAfter(up, save, up))).toContain('Last saved: 6 of 10');
    expect(shown(modelAfter(up, save, up, down))).toContain('Saved: 6 of 10');
  });

  test('says at an end of the scale which button does nothing, without taking it from the keyboard', () => {
    const says = (score: number): unknown[] => attribute(rating.view({ score, saved: null }), 'aria-disabled');
    expect(says(1)).toEqual(['true', 'false']);
    expect(says(5)).toEqual(['false', 'false']);
    expect(says(10)).toEqual(['false', 'true']);
    expect(rating.view(modelAfter()).strings.join('')).not.toMatch(/\s\??disabled/);
  });

  test('sends what its buttons say', () => {
    expect(attribute(rating.view(modelAfter()), '@click')).toEqual([down, up, save]);
  });
});

/** The model after some messages. */
function modelAfter(...messages: RatingMessage[]): RatingModel {
  let [model] = rating.init(undefined);
  for (const message of messages) [model] = rating.update(model, message);
  return model;
}

function valueAttribute(text: string | null): RatingMessage {
  const toMessage = rating.attributes?.value;
  if (!toMessage) throw new Error('the rating has no value attribute');
  return toMessage(text);
}

/** The custom events that an effect fires. */
function emitted({ parts }: Effect<RatingMessage>): [name: string, detail: unknown][] {
  return parts.flatMap((part) => ('kind' in part && part.kind === 'emit' ? [[part.name, part.detail]] : []));
}

/** The values of the view's holes that are text. */
function shown(model: RatingModel): unknown[] {
  return rating.view(model).values.filter((value) => typeof value === 'string');
}

/** The values of all holes behind an attribute of this name, in the order of the markup. */
function attribute(template: Template, name: string): unknown[] {
  return template.values.filter((_, index) => template.strings[index]?.endsWith(` ${name}=`));
}
