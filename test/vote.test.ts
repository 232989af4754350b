// One's own vote as values: messages go in, what is shown and what is to be stored come out. What a browser and a
// database make of it is in test/live-ratings.test.ts and test/e2e/votes.test.ts.

import { describe, expect, test } from 'vitest';
import {
  createVote,
  type VoteAnswer,
  type VoteMessage,
  type VoteProps,
  type VoteSource,
  type VoteState,
} from '../components/vote.ts';
import { observe, simulate } from '../server/testing/index.ts';
import type { Client } from '../shared/index.ts';
import { createTopic } from './support/topics.ts';

/** Whose page it is. */
const client: Client = { id: 'page', user: null };
const voted: VoteProps = { animeId: 7, visitor: 'ann', vote: 6, revision: 3 };

describe('what is shown', () => {
  test('is the vote that is stored, and a way to take it back', () => {
    expect(shown(voted)).toMatchObject({ value: '6', note: 'Your vote: 6', canTakeBack: true });
  });

  test('without a vote, is that there is none, and no score is set', () => {
    const none = shown({ ...voted, vote: null });
    expect(none).toMatchObject({ value: undefined, note: 'You have not voted yet', canTakeBack: false });
  });

  test('without a cookie, is why one cannot vote, and nothing to vote with', () => {
    const html = simulate(createVote(new Stored()), { ...voted, visitor: null }).html();
    expect(html).toContain('Allow cookies here');
    expect(html).not.toContain('anime-rating');
  });

  test('is never who votes', () => {
    expect(simulate(createVote(new Stored()), { ...voted, visitor: 'secret' }).html()).not.toContain('secret');
  });
});

describe('saving', () => {
  test('stores the score, and shows it once it is stored; until then nothing is said of it here', async () => {
    const vote = start(voted);
    vote.send({ type: 'UserSaved', score: 9, client });
    expect(vote.shown()).toMatchObject({ value: '6', note: 'Your vote: 6', answers: '0' });
    await vote.settle();
    expect(vote.source.casts).toEqual([[7, 'ann', 9, client]]);
    expect(vote.shown()).toMatchObject({ value: '9', note: 'Your vote: 9', answers: '1' });
  });

  test('stores one vote at a time, and of those saved meanwhile the latest', async () => {
    const vote = start(voted);
    for (const score of [9, 3, 4]) vote.send({ type: 'UserSaved', score, client });
    await vote.settle();
    expect(vote.source.casts.map(([, , score]) => score)).toEqual([9, 4]);
    expect(vote.fired).toEqual(['answered']);
    expect(vote.shown()).toMatchObject({ value: '4', note: 'Your vote: 4' });
  });

  test('of what is stored already stores nothing, and is answered', async () => {
    const vote = start(voted);
    vote.send({ type: 'UserSaved', score: 6, client });
    await vote.settle();
    expect(vote.fired).toEqual(['answered']);
    expect(vote.source.casts).toEqual([]);
    expect(vote.shown()).toMatchObject({ note: 'Your vote: 6', answers: '1' });
  });

  test.each([0, 11, 7.5, '7', null, undefined, Number.NaN, [7], { score: 7 }])(
    'of %j, which no button of ours sends, does nothing',
    (score) => {
      const vote = start(voted);
      const before = vote.shown();
      vote.send({ type: 'UserSaved', score, client });
      expect(vote.shown()).toEqual(before);
      expect(vote.source.casts).toEqual([]);
    },
  );

  test('without a cookie does nothing', () => {
    const vote = start({ ...voted, visitor: null });
    vote.send({ type: 'UserSaved', score: 9, client }, { type: 'UserClickedTakeBack', client });
    expect(vote.source.casts).toEqual([]);
  });

  test.each([
    ['too-many', 'Your vote: 6. That was quite often: wait a moment and save again'],
    ['unavailable', 'Your vote: 6. The server cannot store votes just now: save again later'],
  ] as const)('that is refused (%s) says so, with the vote that still holds', async (kind, note) => {
    const vote = start(voted, { kind });
    vote.send({ type: 'UserSaved', score: 9, client });
    await vote.settle();
    expect(vote.shown()).toMatchObject({ value: '6', note, answers: '1' });
    vote.source.answer = undefined;
    vote.send({ type: 'UserSaved', score: 9, client });
    await vote.settle();
    expect(vote.shown()).toMatchObject({ value: '9', note: 'Your vote: 9', answers: '2' });
  });
});

test('taking the vote back leaves none', async () => {
  const vote = start(voted);
  vote.send({ type: 'UserClickedTakeBack', client });
  expect(vote.shown()).toMatchObject({ value: '6', note: 'Taking your vote back…' });
  await vote.settle();
  expect(vote.source.casts).toEqual([[7, 'ann', null, client]]);
  expect(vote.shown()).toMatchObject({ value: undefined, note: 'You have not voted yet', canTakeBack: false });
});

test('a vote given elsewhere is shown, unless it is older than what is shown', () => {
  const vote = start(voted);
  vote.send({ type: 'SourceToldVote', state: { vote: 10, revision: 5 } });
  expect(vote.shown()).toMatchObject({ value: '10' });
  vote.send({ type: 'SourceToldVote', state: { vote: 2, revision: 4 } });
  expect(vote.shown()).toMatchObject({ value: '10' });
});

test('an actor that starts again does not wait for the answer to what the one before had sent', () => {
  const vote = start(voted);
  vote.send({ type: 'UserSaved', score: 9, client }, { type: 'SourceOpened' });
  expect(vote.shown()).toMatchObject({ note: 'Your vote: 6', answers: '1' });
});

/** Where votes are stored, and what has been asked of it. */
class Stored implements VoteSource {
  readonly casts: Parameters<VoteSource['cast']>[] = [];
  readonly changes = createTopic<VoteState & { readonly animeId: number; readonly visitor: string }>();
  /** What it answers in place of storing. */
  answer: VoteAnswer | undefined;
  #revision = 10;

  constructor(answer?: VoteAnswer) {
    this.answer = answer;
  }

  async read(): Promise<undefined> {
    return undefined;
  }

  async cast(...args: Parameters<VoteSource['cast']>): Promise<VoteAnswer> {
    const [, , vote] = args;
    this.casts.push(args);
    return this.answer ?? { kind: 'stored', state: { vote, revision: this.#revision++ } };
  }
}

/** Runs the component by hand: `settle` carries out its effects, one after the other, until there are none left. */
function start(props: VoteProps, answer?: VoteAnswer) {
  const source = new Stored(answer);
  const simulation = simulate(createVote(source), props);
  const fired: string[] = [];
  let carriedOut = 1; // that of init
  return {
    source,
    /** Names of the events of its element. */
    fired,
    send: (...messages: VoteMessage[]) => simulation.send(...messages),
    shown: () => readVote(simulation.html()),
    async settle() {
      while (carriedOut < simulation.effects.length) {
        const effect = simulation.effects[carriedOut++];
        if (!effect) continue;
        const { messages, events } = observe(effect);
        fired.push(...events.map(({ name }) => name));
        if (events.length > 0) continue;
        await expect.poll(() => messages.length).toBe(1);
        simulation.send(...messages);
      }
    },
  };
}

function shown(props: VoteProps) {
  return readVote(simulate(createVote(new Stored()), props).html());
}

/** What the browser's half is told. */
function readVote(html: string) {
  const attribute = (name: string): string | undefined => new RegExp(` ${name}="([^"]*)"`).exec(html)?.[1];
  const [value, note, answers] = ['value', 'note', 'answers'].map(attribute);
  return { value, note, answers, canTakeBack: html.includes('Take my vote back') && !html.includes(' data-idle') };
}
