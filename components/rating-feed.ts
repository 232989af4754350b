/*
 * The feed of all ratings: one actor for everybody that tells each change of any rating to every page, as a `rated`
 * event of its element. Input: the changes. It shows nothing but a name for the state of all ratings, in an attribute,
 * by which a page that was away sees whether it has missed some.
 */

import { type Audible, component, effect, html } from '../shared/index.ts';
import type { Rating } from './schema/anime.ts';

/** A change of one rating, and the name of the state of all ratings with it. */
export interface RatingNews {
  readonly id: number;
  readonly rating: Rating;
  readonly at: string;
}

/** Tells of each change. */
export interface RatingNewsSource extends Audible<RatingNews> {
  /** Names the state of all ratings now; another after each change, and after some were missed. */
  readonly at: string;
}

type Message =
  | { readonly type: 'SourceToldNews'; readonly news: RatingNews }
  | { readonly type: 'SourceOpened'; readonly at: string };

const openedAt = (at: string): Message => ({ type: 'SourceOpened', at });

export function createRatingFeed(source: RatingNewsSource) {
  return component<string, Message>({
    init: () => [
      source.at,
      effect.batch<Message>([
        effect.subscribe(source, (news) => ({ type: 'SourceToldNews', news }), { onGap: () => openedAt(source.at) }),
        // after a failure: what changed meanwhile was told to nobody
        effect.from((dispatch) => dispatch(openedAt(source.at))),
      ]),
    ],
    update(_, message) {
      if (message.type === 'SourceOpened') return [message.at, effect.none];
      const { id, rating, at } = message.news;
      // everybody gets it: no names of fields, and the state that it leads to is in the view
      return [at, effect.emit('rated', [id, rating.average, rating.votes])];
    },
    view: (at) => html`<span data-at=${at}></span>`,
  });
}
