/*
 * The anime tracker: the list, each anime's page, search, filters and refresh, as one component. The server renders it
 * in its first state; in the browser it starts from the same props and goes on without loading pages. What it shows is
 * in `tracker/views.ts`, what it asks of the API in `tracker/requests.ts`, how ratings stay up to date in
 * `tracker/feed.ts`.
 */

import {
  component,
  effect,
  focus,
  followLinks,
  fromEventTarget,
  navigate,
  onUrlChange,
  storage,
  title,
} from '../shared/index.ts';
import { goOn, hearRated, loseFeed, openFeed, retryLater, takeRatings, turnScore } from './tracker/feed.ts';
import { filtersHref, type ListQuery, toFilters } from './tracker/filters.ts';
import {
  filtersOf,
  listAddressOf,
  missingOf,
  type Next,
  type TrackerMessage,
  type TrackerModel,
  type TrackerProps,
  titleOf,
} from './tracker/model.ts';
import { leaveProblem } from './tracker/problem-view.ts';
import { ask, askMore, askNoMore, idle, retry, settle, take, timeKey, toKnownList } from './tracker/requests.ts';
import { hasScore, pageOf, routes } from './tracker/routes.ts';
import { view } from './tracker/views.ts';

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
    wantedUrl: '',
    request: idle,
    refreshedAt: null,
    feed: { isLive: true, at, heard: {}, isBehind: false },
    isVoting: false,
    score: 'live',
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
      const [next, taken] = take({ ...model, request: idle }, message);
      const isSolved = request.kind === 'loading' && request.before !== undefined && next.request.kind === 'idle';
      return [next, isSolved ? effect.batch([taken, leaveProblem]) : taken];
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
    case 'UserClickedScore':
      return [model.score === 'away' ? { ...model, score: 'waiting' } : model, effect.none];
    case 'ScoreTurned':
      return turnScore(model, message.isLive);
    case 'IslandLostEvents': {
      const notice = pageOf(model.url)?.name === 'detail' ? 'vote-lost' : 'score-lost';
      return [{ ...model, isVoting: false, notice }, effect.none];
    }
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
  const model = settle({
    ...(isOther ? leavePage(before, hasScore(url)) : before),
    url,
    wantedUrl: '',
    search,
    request: idle,
  });
  const missing = missingOf(model);
  const [next, request] = missing === null ? [model, askNoMore] : ask(model, missing);
  // who cannot see hears that there is another page
  const move = isOther ? focus('h1', { preventScroll: true }) : effect.none;
  return [next, effect.batch([request, title(titleOf(next)), move])];
}

/** What was done on a page and could not be sent goes with its islands, and must not do so in silence. */
function leavePage(before: TrackerModel, hasScore: boolean): TrackerModel {
  const { feed, isVoting, score } = before;
  const isScoreLost = score === 'waiting' && !hasScore;
  const notice = before.notice === 'vote-lost' || before.notice === 'score-lost' ? null : before.notice;
  const model: TrackerModel = { ...before, isVoting: false, score: hasScore ? score : 'live', notice };
  if (isVoting && !feed.isLive) return { ...model, notice: 'vote-lost' };
  return isScoreLost ? { ...model, notice: 'score-lost' } : model;
}

function filter(model: TrackerModel, change: Partial<ListQuery>, isTyping: boolean): Next {
  // of two changes in one turn, the URL says neither before both have been handled
  const present = model.wantedUrl || model.url;
  const page = pageOf(present);
  if (page?.name !== 'list') return [model, effect.none];
  const { filters } = toFilters({ ...page.query, ...change, q: (change.q ?? page.query.q).trim() }, model.facets);
  const url = filtersHref(filters);
  const next = { ...model, search: change.q ?? model.search, typedUrl: isTyping ? url : '' };
  if (url === present) return [next, effect.none];
  // going back shall lead to before the typing, not to each of its letters
  const isSameTyping = isTyping && present === model.typedUrl;
  return [{ ...next, wantedUrl: url }, isSameTyping ? navigate.replace(url) : navigate.push(url)];
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
