/*
 * What everybody says of one anime: the average of the votes, their number, and how many people look at it just now.
 * One actor for all who look. Input: the rating and its changes, and who comes and goes: a person with two tabs counts
 * once. Output: the same view for everybody; who they are is in the model and never in the view.
 */

import { type Audible, type Client, component, type Effect, effect, html } from '../shared/index.ts';
import { plural } from './plural.ts';
import type { Rating } from './schema/anime.ts';

/** A rating, and which of its changes it is. */
export interface RatingState {
  readonly rating: Rating;
  /** Of two states of an anime's rating the one with the higher number is the later; below 0: it is not known yet. */
  readonly revision: number;
}

export interface RatingSource {
  /** Waits until it can be read. Undefined where there is no such anime, or the signal has fired. */
  read(animeId: number, signal: AbortSignal): Promise<RatingState | undefined>;
  /** Each change of any anime's rating. */
  readonly changes: Audible<RatingState & { readonly animeId: number }>;
  /** Names the person behind a client: the same for each of their tabs. */
  personOf(client: Client): string;
}

export interface AverageProps extends RatingState {
  readonly animeId: number;
}

export interface AverageModel extends AverageProps {
  /** Who looks, by the id of their page, which stays the same while it is open. */
  readonly pages: { readonly [id: string]: { readonly person: string; readonly islands: number } };
}

export type AverageMessage =
  | { readonly type: 'SourceToldRating'; readonly state: RatingState }
  | { readonly type: 'SourceMissedSome' }
  | { readonly type: 'PageCame'; readonly id: string; readonly person: string }
  | { readonly type: 'PageLeft'; readonly id: string };

export function createAverage(source: RatingSource) {
  const read = (animeId: number): Effect<AverageMessage> =>
    effect.attempt(({ signal }) => source.read(animeId, signal), {
      onSuccess: (state) => (state === undefined ? null : { type: 'SourceToldRating', state }),
    });

  return component<AverageModel, AverageMessage, AverageProps>({
    init: (props) => [
      { ...props, pages: {} },
      effect.batch<AverageMessage>([
        effect.subscribe(
          source.changes,
          ({ animeId, rating, revision }) =>
            animeId === props.animeId ? { type: 'SourceToldRating', state: { rating, revision } } : null,
          { onGap: () => ({ type: 'SourceMissedSome' }) },
        ),
        // what changed between the first reading and now was told to nobody
        read(props.animeId),
      ]),
    ],

    update(model, message) {
      switch (message.type) {
        case 'SourceToldRating': {
          const { rating, revision } = message.state;
          return [revision > model.revision ? { ...model, rating, revision } : model, effect.none];
        }
        case 'SourceMissedSome':
          return [model, read(model.animeId)];
        case 'PageCame': {
          const { id, person } = message;
          const islands = 1 + (model.pages[id]?.islands ?? 0);
          return [{ ...model, pages: { ...model.pages, [id]: { person, islands } } }, effect.none];
        }
        case 'PageLeft': {
          const { [message.id]: page, ...others } = model.pages;
          if (page === undefined) return [model, effect.none];
          const islands = page.islands - 1;
          const pages = islands > 0 ? { ...others, [message.id]: { ...page, islands } } : others;
          return [{ ...model, pages }, effect.none];
        }
      }
    },

    view: ({ rating: { average, votes }, revision, pages }) => html`
      <div class="average">
        <p class="average-score"
          ><b>${average === null ? '–' : average.toFixed(2)}</b><span class="average-of" aria-hidden="true">/ 10</span
          ><span class="unseen">${average === null ? 'no average yet' : ' of 10'}</span></p
        >
        <p class="average-votes">${votesText(votes, revision >= 0)}</p>
        <p class="average-people">${peopleText(new Set(Object.values(pages).map(({ person }) => person)).size)}</p>
      </div>
    `,

    onConnect: (client) => ({ type: 'PageCame', id: client.id, person: source.personOf(client) }),
    onDisconnect: ({ id }) => ({ type: 'PageLeft', id }),
  });
}

function votesText(votes: number, isKnown: boolean): string {
  if (!isKnown) return 'Votes cannot be read just now';
  if (votes === 0) return 'Nobody has voted yet';
  return votes === 1 ? 'One vote' : plural(votes, 'vote');
}

/** Whoever reads it is looking, also before their page has said so: nobody and one are the same. */
function peopleText(people: number): string {
  return people < 2 ? 'Only you are looking' : `${people} people are looking`;
}
