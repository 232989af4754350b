/*
 * How the ratings that the tracker shows are kept up to date. Input: what the feed tells of each change, and the state
 * of its connection. Output: the next model. The feed names the state of all ratings (`at`) with each change and shows
 * it in its island; where the island comes back with another than was heard last, changes were missed, and the ratings
 * of all anime seen so far are asked of the API, quietly.
 */

import { type Effect, effect, http } from '../../shared/index.ts';
import type { Anime } from '../schema/anime.ts';
import { listAddress, maxPageLength, type Rated, toAnimeList } from './anime.ts';
import type { Next, TrackerMessage, TrackerModel } from './model.ts';

/** A connection is often back before anybody has noticed. */
const patienceMs = 1_500;
const retryMs = 10_000;

export function hearRated(model: TrackerModel, { id, rating, at }: Rated): TrackerModel {
  const heard = { ...model.feed.heard, [id]: rating };
  const known = model.anime[id];
  const anime = known ? { ...model.anime, [id]: { ...known, rating } } : model.anime;
  return { ...model, anime, feed: { ...model.feed, heard, at } };
}

export function openFeed(model: TrackerModel, at: string): Next {
  const notice = model.notice === 'offline' ? null : model.notice;
  const isBehind = model.feed.isBehind || at !== model.feed.at;
  const heard = isBehind ? {} : model.feed.heard;
  const next = { ...model, notice, feed: { isLive: true, at, heard, isBehind } };
  return [next, isBehind ? askRatings(Object.keys(model.anime).map(Number)) : effect.none];
}

/** The connection of the list's score, which can be lost alone: a click is what shows that a network is dead. */
export function turnScore(model: TrackerModel, isLive: boolean): Next {
  if (!isLive) return [{ ...model, score: 'away' }, effect.after(patienceMs, { type: 'TimePassed' })];
  const notice = model.notice === 'offline' && model.feed.isLive ? null : model.notice;
  return [{ ...model, score: 'live', notice }, effect.none];
}

export function loseFeed(model: TrackerModel): Next {
  return [{ ...model, feed: { ...model.feed, isLive: false } }, effect.after(patienceMs, { type: 'TimePassed' })];
}

/** Adds anime that the API told of; what was heard of their ratings meanwhile is newer. */
export function addAnime(model: TrackerModel, anime: readonly Anime[]): TrackerModel {
  const { heard } = model.feed;
  const added = anime.map((each) => [each.id, { ...each, rating: heard[each.id] ?? each.rating }]);
  return { ...model, anime: { ...model.anime, ...Object.fromEntries(added) } };
}

export function takeRatings(model: TrackerModel, anime: readonly Anime[], others: readonly number[]): Next {
  const next = addAnime(model, anime);
  if (others.length > 0) return [next, askRatings(others)];
  return [{ ...next, feed: { ...next.feed, isBehind: false } }, effect.none];
}

/** Some time after the feed was lost, or ratings could not be asked: says or tries what still applies. */
export function goOn(model: TrackerModel): Next {
  const { isLive, isBehind } = model.feed;
  if (!isLive || model.score !== 'live') return [{ ...model, notice: model.notice ?? 'offline' }, effect.none];
  return [model, isBehind ? askRatings(Object.keys(model.anime).map(Number)) : effect.none];
}

/** Waits before ratings are asked again. */
export const retryLater: Effect<TrackerMessage> = effect.after(retryMs, { type: 'TimePassed' });

function askRatings(ids: readonly number[]): Effect<TrackerMessage> {
  const [asked, others] = [ids.slice(0, maxPageLength), ids.slice(maxPageLength)];
  return http.get(listAddress({ ids: asked.join(','), limit: maxPageLength }), {
    decode: (json, { header }) => toAnimeList(json, header),
    onSuccess: ({ anime }) => ({ type: 'ApiReturnedRatings', anime, others }),
    onError: () => ({ type: 'ApiKeptRatings' }),
  });
}
