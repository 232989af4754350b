/*
 * What the tracker asks of the API, and what becomes of the answers: one request at a time, the lists asked for last,
 * and which of them is shown. Input: a model, and what is wanted or was answered. Output: the next model and its
 * effect.
 */

import { effect, type HttpError, http, storage, title } from '../../shared/index.ts';
import { listAddress, toAnime, toAnimeList } from './anime.ts';
import { addAnime } from './feed.ts';
import { toAnimeQuery } from './filters.ts';
import { focusRow } from './list-view.ts';
import {
  filtersOf,
  type KnownList,
  listAddressOf,
  type Next,
  type Request,
  type TrackerMessage,
  type TrackerModel,
  titleOf,
  type Wanted,
} from './model.ts';
import { pageOf } from './routes.ts';

export const idle: Request = { kind: 'idle' };
/** Where the browser keeps when a list was refreshed last. */
export const timeKey = 'tracker.refreshedAt';
/** How many lists are kept for those who go back to them. */
const maxLists = 10;

/** Under which requests are made: of several, only the latest is waited for. */
const requestName = 'tracker.request';

/** @param before What the last try failed with, which is shown until there is an answer to this one. */
export function ask(model: TrackerModel, wanted: Wanted, before?: HttpError): Next {
  const onError = (error: HttpError): TrackerMessage => ({ type: 'ApiFailed', wanted, error });
  const request =
    wanted.kind === 'list'
      ? http.get(wanted.more ?? wanted.address, {
          decode: (json, { header }) => toAnimeList(json, header),
          onSuccess: (list) => ({ type: 'ApiReturnedList', wanted, list, at: Date.now() }),
          onError,
        })
      : http.get(`/api/anime/${wanted.id}`, {
          decode: toAnime,
          onSuccess: (anime) => ({ type: 'ApiReturnedAnime', wanted, anime }),
          onError,
        });
  return [{ ...model, request: { kind: 'loading', wanted, before } }, effect.latest(requestName, request)];
}

/** What was asked for is not wanted any more. */
export const askNoMore = effect.cancel(requestName);

export function askMore(model: TrackerModel): Next {
  const { url, facets, lists, request } = model;
  const address = listAddressOf(url, facets) ?? '';
  const next = lists[address]?.next ?? null;
  if (next === null || request.kind === 'loading') return [model, effect.none];
  return ask(model, { kind: 'list', address, more: listAddress(toAnimeQuery(filtersOf(url, facets), next)) });
}

export function retry(model: TrackerModel): Next {
  const { request } = model;
  return request.kind === 'failed' ? ask(model, request.wanted, request.error) : [model, effect.none];
}

/** Takes the answer to what was asked last. */
export function take(
  model: TrackerModel,
  message: Extract<TrackerMessage, { type: 'ApiReturnedList' | 'ApiReturnedAnime' | 'ApiFailed' }>,
): Next {
  const { wanted } = message;
  if (message.type === 'ApiReturnedList' && wanted.kind === 'list') {
    const { list, at } = message;
    const before = wanted.more === null ? undefined : model.lists[wanted.address];
    const next = settle(keepList(addAnime(model, list.anime), wanted.address, toKnownList(list.anime, list, before)));
    const move = before === undefined ? effect.none : focusRow(before.ids.length);
    return [{ ...next, refreshedAt: at }, effect.batch([storage.write(timeKey, at), move])];
  }
  let next = model;
  if (message.type === 'ApiReturnedAnime') next = addAnime(model, [message.anime]);
  else if (message.type === 'ApiFailed') {
    const { error } = message;
    const isMissing = wanted.kind === 'anime' && error.kind === 'status' && error.status === 404;
    next = isMissing
      ? { ...model, anime: { ...model.anime, [wanted.id]: null } }
      : { ...model, request: { kind: 'failed', wanted, error } };
  }
  return [next, title(titleOf(next))];
}

/** Remembers which list is shown, if the page's own is here. */
export function settle(model: TrackerModel): TrackerModel {
  const address = listAddressOf(model.url, model.facets);
  if (pageOf(model.url)?.name !== 'list' || address === null) return model;
  return { ...model, listUrl: model.url, shown: model.lists[address] ? address : model.shown };
}

/** What is known of a list with an answer added. It may have changed between its parts: none of it is there twice. */
export function toKnownList(
  anime: readonly { readonly id: number }[],
  { total, next }: Pick<KnownList, 'total' | 'next'>,
  before?: KnownList,
): KnownList {
  return { ids: [...new Set([...(before?.ids ?? []), ...anime.map(({ id }) => id)])], total, next };
}

function keepList(model: TrackerModel, address: string, list: KnownList): TrackerModel {
  const { [address]: _, ...others } = model.lists;
  const kept = Object.entries(others).slice(1 - maxLists);
  return { ...model, lists: { ...Object.fromEntries(kept), [address]: list } };
}
