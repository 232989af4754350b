/*
 * The anime tracker: the list, each anime's page, search, filters and refresh, as one component. The server renders it
 * in its first state; in the browser it starts from the same props and goes on without loading pages. What it shows is
 * in `tracker/views.ts`, how ratings stay up to date in `tracker/live.ts`.
 */

import {
  component,
  type Effect,
  effect,
  focus,
  followLinks,
  fromEventTarget,
  type HttpError,
  http,
  navigate,
  onUrlChange,
  storage,
  title,
} from '../shared/index.ts';
import { listAddress, toAnime, toAnimeList } from './tracker/anime.ts';
import { filtersHref, type ListQuery, toAnimeQuery, toFilters } from './tracker/filters.ts';
import { focusRow } from './tracker/list-view.ts';
import { addAnime, goOn, hearRated, loseFeed, openFeed, retryLater, takeRatings } from './tracker/live.ts';
import {
  filtersOf,
  type KnownList,
  listAddressOf,
  missingOf,
  type Request,
  type TrackerMessage,
  type TrackerModel,
  type TrackerProps,
  titleOf,
  type Wanted,
} from './tracker/model.ts';
import { pageOf, routes } from './tracker/routes.ts';
import { view } from './tracker/views.ts';

type Next = readonly [TrackerModel, Effect<TrackerMessage>];

const idle: Request = { kind: 'idle' };
const timeKey = 'tracker.refreshedAt';
/** How many lists are kept for those who go back to them. */
const maxLists = 10;

export const tracker = component<TrackerModel, TrackerMessage, TrackerProps>({
  init: (props) => [
    toModel(props),
    effect.batch([
      onUrlChange((url) => ({ type: 'UrlChanged', url })),
      followLinks((link) => pageOf(link) !== null),
      fromEventTarget('window', 'online', () => ({ type: 'NetworkCameBack' })),
      fromEventTarget('window', 'offline', () => ({ type: 'NetworkWasLost' })),
      storage.read(timeKey, { decode: toTime, onSuccess: (at) => ({ type: 'StorageReturnedTime', at }) }),
    ]),
  ],
  update,
  view,
});

function toModel({ url, facets, at, list, anime }: TrackerProps): TrackerModel {
  const page = pageOf(url);
  const address = listAddressOf(url, facets);
  const isList = page?.name === 'list';
  const known = [...(list?.anime ?? []), ...(anime ? [anime] : [])].map((each) => [each.id, each]);
  return {
    url,
    facets,
    anime: { ...Object.fromEntries(known), ...(page?.name === 'detail' && { [page.params.id]: anime ?? null }) },
    lists: address !== null && list ? { [address]: toKnownList(list.anime, list) } : {},
    listUrl: isList ? url : routes.list.href(),
    shown: isList ? (address ?? '') : '',
    search: filtersOf(url, facets).q,
    typedUrl: '',
    request: idle,
    refreshedAt: null,
    feed: { isLive: true, at, heard: {}, isBehind: false },
    isVoting: false,
    notice: null,
  };
}

function update(model: TrackerModel, message: TrackerMessage): Next {
  switch (message.type) {
    case 'UrlChanged':
      return changeUrl(model, message.url);
    case 'UserChoseFilters':
      return filter(model, message.change, message.isTyping);
    case 'UserClickedRefresh': {
      const address = listAddressOf(model.url, model.facets);
      return address === null ? [model, effect.none] : ask(model, { kind: 'list', address, more: null });
    }
    case 'UserClickedMore':
      return askMore(model);
    case 'UserClickedRetry':
      return retry(model);
    case 'UserDismissedNotice':
      return [{ ...model, notice: model.feed.isLive ? null : 'offline' }, effect.none];
    case 'ApiReturnedList':
    case 'ApiReturnedAnime':
    case 'ApiFailed': {
      const { request } = model;
      // an answer to what nobody wants any more
      if (request.kind !== 'loading' || request.wanted !== message.wanted) return [model, effect.none];
      return take({ ...model, request: idle }, message);
    }
    case 'ApiReturnedRatings':
      return takeRatings(model, message.anime, message.others);
    case 'ApiKeptRatings':
      return [model, retryLater];
    case 'FeedRated':
      return [hearRated(model, message.rated), effect.none];
    case 'FeedOpened':
      return both(openFeed(model, message.at), retry);
    case 'FeedWasLost':
      return loseFeed(model);
    case 'FeedFailed':
      return [{ ...model, notice: 'stopped' }, effect.none];
    case 'UserSavedVote':
      return [{ ...model, isVoting: true }, effect.none];
    case 'VoteWasAnswered':
      return [{ ...model, isVoting: false }, effect.none];
    case 'VoteWasLost':
      return [{ ...model, isVoting: false, notice: 'vote-lost' }, effect.none];
    case 'TimePassed':
      return goOn(model);
    case 'NetworkWasLost':
      return [{ ...model, notice: 'offline' }, effect.none];
    case 'NetworkCameBack':
      return retry({ ...model, notice: model.feed.isLive && model.notice === 'offline' ? null : model.notice });
    case 'StorageReturnedTime':
      return [{ ...model, refreshedAt: message.at }, effect.none];
  }
}

function changeUrl(before: TrackerModel, url: string): Next {
  const { q } = filtersOf(url, before.facets);
  // what is typed may end in a space, which the URL does not have
  const search = before.search.trim() === q ? before.search : q;
  const isOther = pathOf(url) !== pathOf(before.url);
  const model = settle({ ...(isOther ? leavePage(before) : before), url, search, request: idle });
  const missing = missingOf(model);
  const [next, request] = missing === null ? [model, effect.none] : ask(model, missing);
  // who cannot see hears that there is another page
  const move = isOther ? focus('h1', { preventScroll: true }) : effect.none;
  return [next, effect.batch([request, title(titleOf(next)), move])];
}

/** What was saved on a page and could not be sent goes with the page, and must not do so in silence. */
function leavePage(model: TrackerModel): TrackerModel {
  const { feed, isVoting, notice } = model;
  const isLost = isVoting && !feed.isLive;
  return { ...model, isVoting: false, notice: isLost ? 'vote-lost' : notice === 'vote-lost' ? null : notice };
}

/** Remembers which list is shown, if the page's own is here. */
function settle(model: TrackerModel): TrackerModel {
  const address = listAddressOf(model.url, model.facets);
  if (pageOf(model.url)?.name !== 'list' || address === null) return model;
  return { ...model, listUrl: model.url, shown: model.lists[address] ? address : model.shown };
}

function filter(model: TrackerModel, change: Partial<ListQuery>, isTyping: boolean): Next {
  const page = pageOf(model.url);
  if (page?.name !== 'list') return [model, effect.none];
  const { filters } = toFilters({ ...page.query, ...change, q: (change.q ?? page.query.q).trim() }, model.facets);
  const url = filtersHref(filters);
  const next = { ...model, search: change.q ?? model.search, typedUrl: isTyping ? url : '' };
  if (url === model.url) return [next, effect.none];
  // going back shall lead to before the typing, not to each of its letters
  return [next, isTyping && model.url === model.typedUrl ? navigate.replace(url) : navigate.push(url)];
}

function askMore(model: TrackerModel): Next {
  const { url, facets, lists, request } = model;
  const address = listAddressOf(url, facets) ?? '';
  const next = lists[address]?.next ?? null;
  if (next === null || request.kind === 'loading') return [model, effect.none];
  return ask(model, { kind: 'list', address, more: listAddress(toAnimeQuery(filtersOf(url, facets), next)) });
}

function retry(model: TrackerModel): Next {
  return model.request.kind === 'failed' ? ask(model, model.request.wanted) : [model, effect.none];
}

function take(
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

function ask(model: TrackerModel, wanted: Wanted): Next {
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
  return [{ ...model, request: { kind: 'loading', wanted } }, request];
}

// The list may have changed between its parts: none of it is there twice.
function toKnownList(
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

function both([model, first]: Next, then: (model: TrackerModel) => Next): Next {
  const [next, second] = then(model);
  return [next, effect.batch([first, second])];
}

function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] as string;
}

function toTime(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw new TypeError('no time');
  return json;
}
