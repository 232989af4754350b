/*
 * The rating: a score from 1 to 10 that can be changed and saved. On the server it runs as one actor that everybody
 * shares; in the browser it is the custom element `<anime-rating value="7">`. Save fires `change` with the score.
 * Who stores the score elsewhere says so by attributes: `note` is what to say about it in place of "Saved", and another
 * number in `answers` that Save was answered.
 */

import { component, effect, html } from '../shared/index.ts';

export interface RatingModel {
  /** A whole number from 1 to 10. */
  readonly score: number;
  /** The score that was saved last; null before the first time. */
  readonly saved: number | null;
  /** What the parent says, if it says what is stored. */
  readonly told?: Told | undefined;
}

interface Told {
  readonly note: string;
  /** How often Save was pressed. */
  readonly saves: number;
  /** Whether the last of these was not answered yet. */
  readonly waits: 'no' | 'yes' | 'long';
  /** The score that was saved, until it comes back as the value: that is no news, and one may have gone on since. */
  readonly echo: number | null;
}

export type RatingMessage =
  | { readonly type: 'UserClickedUp' }
  | { readonly type: 'UserClickedDown' }
  | { readonly type: 'UserClickedSave' }
  | { readonly type: 'ParentSetValue'; readonly text: string | null }
  | { readonly type: 'ParentSetNote'; readonly text: string | null }
  | { readonly type: 'ParentAnswered' }
  /** So long after that save. */
  | { readonly type: 'TimePassed'; readonly save: number };

const lowest = 1;
const highest = 10;
/** Who waits longer for an answer is told that there is none yet: there may be no connection. */
const patienceMs = 5_000;

export const rating = component<RatingModel, RatingMessage>({
  name: 'anime-rating',

  init: () => [{ score: 5, saved: null }, effect.none],

  update(model, message) {
    switch (message.type) {
      case 'UserClickedUp':
        return [withScore(model, model.score + 1), effect.none];
      case 'UserClickedDown':
        return [withScore(model, model.score - 1), effect.none];
      case 'UserClickedSave': {
        const { score, told } = model;
        const change = effect.emit('change', score);
        if (!told) return [{ ...model, saved: score }, change];
        const save = told.saves + 1;
        const next: RatingModel = { ...model, saved: score, told: { ...told, saves: save, waits: 'yes', echo: score } };
        return [next, effect.batch([change, effect.after(patienceMs, { type: 'TimePassed', save })])];
      }
      case 'ParentSetValue': {
        const score = parseScore(message.text);
        const { told } = model;
        if (!told || told.echo === null) return [withScore(model, score), effect.none];
        const next = { ...model, told: { ...told, echo: null } };
        return [told.echo === score ? next : withScore(next, score), effect.none];
      }
      case 'ParentSetNote': {
        const { text } = message;
        if (text === null) return [{ ...model, told: undefined }, effect.none];
        const { saves = 0, echo = null } = model.told ?? {};
        return [{ ...model, told: { note: text, saves, waits: 'no', echo } }, effect.none];
      }
      case 'ParentAnswered': {
        const { told } = model;
        return [told ? { ...model, told: { ...told, waits: 'no', echo: null } } : model, effect.none];
      }
      case 'TimePassed': {
        const { told } = model;
        // of an earlier save nobody waits for the answer any more
        const isLong = told?.waits === 'yes' && told.saves === message.save;
        return [isLong ? { ...model, told: { ...told, waits: 'long' } } : model, effect.none];
      }
    }
  },

  // At an end of the scale a button says that it is disabled and is not: one that were would lose the keyboard's
  // focus. The score has one place, read as "Score 7 of 10" and seen as "7 / 10".
  view: ({ score, saved, told }) => html`
    <div class="rating" role="group" aria-label="Rating">
      <button
        class="rating-step rating-down"
        type="button"
        aria-label="Rate lower"
        aria-disabled=${String(score === lowest)}
        @click=${{ type: 'UserClickedDown' }}
      >-</button>
      <output class="rating-value"><span class="unseen">Score </span><b class="rating-score">${score}</b><span class="unseen"> of 10</span></output>
      <button
        class="rating-step rating-up"
        type="button"
        aria-label="Rate higher"
        aria-disabled=${String(score === highest)}
        @click=${{ type: 'UserClickedUp' }}
      >+</button>
      <span class="rating-of" aria-hidden="true">/ 10</span>
      <button class="rating-save" type="button" aria-label="Save rating" @click=${{ type: 'UserClickedSave' }}>Save</button>
      <span class="rating-scale" data-score=${score} aria-hidden="true"></span>
      <p class="rating-note"><span role="status">${told ? toldNote(told) : savedNote(score, saved)}</span><span>${told ? '' : unsavedNote(score, saved)}</span></p>
    </div>
  `,

  attributes: {
    value: (text) => ({ type: 'ParentSetValue', text }),
    note: (text) => ({ type: 'ParentSetNote', text }),
    answers: () => ({ type: 'ParentAnswered' }),
  },
});

/** Gives the model another score, or itself where there is no such score. */
function withScore(model: RatingModel, score: number): RatingModel {
  if (!isScore(score) || score === model.score) return model;
  return { ...model, score };
}

/** Whether a value, which may come from anywhere, is a score. */
export function isScore(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= lowest && (value as number) <= highest;
}

/** Reads an attribute's text; NaN for all that is not a whole number. */
function parseScore(text: string | null): number {
  return text !== null && /^\s*\d{1,2}\s*$/.test(text) ? Number(text) : Number.NaN;
}

// Two places, because only the first is announced: that something was saved is news, that it is no longer what the
// score says is not.
function savedNote(score: number, saved: number | null): string {
  return saved === score ? `Saved: ${saved} of 10` : '';
}

function toldNote({ note, waits }: Told): string {
  if (waits === 'no') return note;
  return waits === 'yes' ? 'Sending…' : `${note}. What you saved since is not confirmed yet`;
}

function unsavedNote(score: number, saved: number | null): string {
  if (saved === null) return 'Not saved yet';
  return saved === score ? '' : `Last saved: ${saved} of 10`;
}
