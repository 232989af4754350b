/*
 * Anime as a list: like a table of contents, a dotted line leads from the title to its rating. Input: anime. Output:
 * rows that keep their height and columns whatever their numbers are.
 */

import { html, keyed, type Template } from '../../shared/index.ts';
import { plural } from '../plural.ts';
import type { Anime, Rating } from '../schema/anime.ts';
import { routes } from './routes.ts';

type View = Template<never>;

/** A line may end with it, and does not begin with it. */
const dot = '\u00a0·';

export function ledger(anime: readonly Anime[], isOld = false): View {
  return html`<ul class=${isOld ? 'ledger is-old' : 'ledger'} role="list">${keyed(anime, 'id', entryView)}</ul>`;
}

/** What stands in the place of rows that are not here yet. */
export function ghostLedger(length: number): View {
  return html`<ul class="ledger ghosts" aria-hidden="true">${Array.from({ length }, () => ghost)}</ul>`;
}

function entryView({ id, title, year, studio, episodes, rating }: Anime): View {
  return html`
    <li class="entry">
      <span class="entry-cover"
        ><img src=${`/covers/${id}.svg`} width="48" height="72" alt="" loading="lazy" decoding="async"
      ></span>
      <span class="entry-facts"
        ><span class="entry-line"><a class="entry-title" href=${routes.detail.href({ id })}>${title}</a></span>
        <span class="entry-about"
          ><span>${year + dot}</span> <span>${studio + dot}</span> <span>${plural(episodes, 'episode')}</span></span
        ></span
      >
      <span class="entry-rating">${ratingView(rating)}</span>
    </li>
  `;
}

function ratingView({ average, votes }: Rating): View {
  if (average === null) return html`<b class="entry-average">–</b> <span class="entry-votes">no votes</span>`;
  return html`<b class="entry-average">${average.toFixed(1)}</b
    ><span class="unseen"> of 10,</span> <span class="entry-votes">${plural(votes, 'vote')}</span>`;
}

const ghost: View = html`<li class="entry"><span class="entry-cover"></span><span class="entry-facts"></span></li>`;
