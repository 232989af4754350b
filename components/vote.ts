/*
 * One's own vote on an anime: an island of one's own around the rating's buttons (`rating.ts`), which run in the
 * browser; Save comes here. Input: what the person saves, and each change of this vote, from other tabs or the API too.
 * Output: it is shown once it is stored, and only then. One vote is under way at a time; the latest that was saved
 * follows it. Fires `answered` when there is nothing more to wait for.
 */

import { type Audible, type Client, component, type Effect, effect, html } from '../shared/index.ts';
import { isScore } from './rating.ts';

/** A vote, and which change of the anime's rating it belongs to. */
export interface VoteState {
  /** Null: there is none. */
  readonly vote: number | null;
  /** Of two states of an anime's rating the one with the higher number is the later; below 0: it is not known yet. */
  readonly revision: number;
}

export type VoteAnswer =
  | { readonly kind: 'stored'; readonly state: VoteState }
  /** So many votes were given that this one was not stored. */
  | { readonly kind: 'too-many' }
  /** Votes cannot be stored just now: the disk is full, the database is away. */
  | { readonly kind: 'unavailable' };

export interface VoteSource {
  /** Waits until it can be read. Undefined where there is no such anime, or the signal has fired. */
  read(animeId: number, visitor: string, signal: AbortSignal): Promise<VoteState | undefined>;
  /** Stores a vote from 1 to 10, or takes it back (null). `client` is whose page it comes from. */
  cast(animeId: number, visitor: string, vote: number | null, client: Client): Promise<VoteAnswer>;
  /** Each change of anybody's vote. */
  readonly changes: Audible<VoteState & { readonly animeId: number; readonly visitor: string }>;
}

export interface VoteProps extends VoteState {
  readonly animeId: number;
  /** Who votes; null for one whose browser keeps no cookie. */
  readonly visitor: string | null;
}

export interface VoteModel extends VoteProps {
  /** Whether there is somebody to vote as: pages know that, and not who. */
  readonly mayVote: boolean;
  readonly step: 'idle' | 'storing' | 'taking-back' | 'too-many' | 'unavailable';
  /** What shall be stored next; undefined: nothing. */
  readonly next: number | null | undefined;
  /** How often Save was answered. */
  readonly answers: number;
}

export type VoteMessage =
  | { readonly type: 'UserSaved'; readonly score: unknown; readonly client: Client }
  | { readonly type: 'UserClickedTakeBack'; readonly client: Client }
  | { readonly type: 'SourceOpened' }
  | { readonly type: 'SourceMissedSome' }
  | { readonly type: 'SourceAnswered'; readonly answer: VoteAnswer; readonly client: Client }
  | { readonly type: 'SourceToldVote'; readonly state: VoteState };

type Next = readonly [VoteModel, Effect<VoteMessage>];

/** Whoever has the element hears that what was saved has been answered, and need not wait for it any more. */
const answered = effect.emit('answered');

export function createVote(source: VoteSource) {
  const cast = (model: VoteModel, vote: number | null, client: Client): Next => {
    const { animeId, visitor, mayVote, step } = model;
    if (!mayVote) return [model, effect.none];
    if (isUnderWay(step)) return [{ ...model, next: vote }, effect.none];
    // nothing to store, but whoever saved waits for an answer
    if (vote === model.vote) return [{ ...model, step: 'idle', answers: model.answers + 1 }, answered];
    // a page that predicts does not know who, and does not start this
    const store = effect.attempt(() => source.cast(animeId, visitor ?? '', vote, client), {
      onSuccess: (answer) => ({ type: 'SourceAnswered', answer, client }),
    });
    return [{ ...model, step: vote === null ? 'taking-back' : 'storing', next: undefined }, store];
  };

  const read = ({ animeId, visitor }: VoteProps): Effect<VoteMessage> =>
    visitor === null
      ? effect.none
      : effect.attempt(({ signal }) => source.read(animeId, visitor, signal), {
          onSuccess: (state) => (state === undefined ? null : { type: 'SourceToldVote', state }),
        });

  const open = (props: VoteProps): Effect<VoteMessage> =>
    effect.batch<VoteMessage>([
      effect.from((dispatch) => dispatch({ type: 'SourceOpened' })),
      effect.subscribe(
        source.changes,
        ({ animeId, visitor, vote, revision }) =>
          animeId === props.animeId && visitor === props.visitor
            ? { type: 'SourceToldVote', state: { vote, revision } }
            : null,
        { onGap: () => ({ type: 'SourceMissedSome' }) },
      ),
      // what changed between the first reading and now was told to nobody
      read(props),
    ]);

  return component<VoteModel, VoteMessage, VoteProps>({
    init: (props) => [
      { ...props, mayVote: props.visitor !== null, step: 'idle', next: undefined, answers: 0 },
      props.visitor === null ? effect.none : open(props),
    ],

    update(model, message) {
      switch (message.type) {
        case 'UserSaved':
          return isScore(message.score) ? cast(model, message.score, message.client) : [model, effect.none];
        case 'UserClickedTakeBack':
          return cast(model, null, message.client);
        case 'SourceOpened':
          // the answer that an earlier life of this actor waited for will not come
          return [isUnderWay(model.step) ? { ...model, step: 'idle', answers: model.answers + 1 } : model, effect.none];
        case 'SourceMissedSome':
          return [model, read(model)];
        case 'SourceToldVote':
          return [withState(model, message.state), effect.none];
        case 'SourceAnswered': {
          const { answer, client } = message;
          const told: VoteModel = { ...model, answers: model.answers + 1, next: undefined };
          const next: VoteModel =
            answer.kind === 'stored'
              ? { ...withState(told, answer.state), step: 'idle' }
              : { ...told, step: answer.kind };
          return model.next === undefined ? [next, answered] : cast(next, model.next, client);
        }
      }
    },

    // the button is not `hidden` where there is no vote: whoever has just taken it back would lose the focus
    view(model) {
      const { mayVote, vote, answers, step } = model;
      if (!mayVote) return withoutCookie;
      return html`
        <div class="vote">
          <anime-rating
            value=${vote}
            note=${noteOf(model)}
            answers=${answers}
            @change=${({ detail }, client) => ({ type: 'UserSaved', score: detail, client })}
          ></anime-rating>
          <button
            class="quiet take-back"
            type="button"
            ?data-idle=${vote === null}
            aria-disabled=${String(vote === null || isUnderWay(step))}
            @click=${(_, client) => ({ type: 'UserClickedTakeBack', client })}
          >Take my vote back</button>
        </div>
      `;
    },
  });
}

const withoutCookie = html`
  <div class="vote">
    <p class="hint">
      To count one vote a person, this page keeps a cookie, and your browser does not let it. Allow cookies here and reload
      the page to vote.
    </p>
  </div>
`;

function withState(model: VoteModel, { vote, revision }: VoteState): VoteModel {
  if (revision <= model.revision) return model;
  // it was stored after all, or from elsewhere: votes can be stored
  return { ...model, vote, revision, step: model.step === 'unavailable' ? 'idle' : model.step };
}

function isUnderWay(step: VoteModel['step']): boolean {
  return step === 'storing' || step === 'taking-back';
}

function noteOf({ step, vote, revision }: VoteModel): string {
  const none = revision < 0 ? 'Votes cannot be read just now' : 'You have not voted yet';
  const stored = vote === null ? none : `Your vote: ${vote}`;
  switch (step) {
    case 'idle':
    // that it is under way is said in the browser, from the click on
    case 'storing':
      return stored;
    case 'taking-back':
      return 'Taking your vote back…';
    case 'too-many':
      return `${stored}. That was quite often: wait a moment and save again`;
    case 'unavailable':
      return `${stored}. The server cannot store votes just now: save again later`;
  }
}
