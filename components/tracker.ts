/*
 * The anime tracker: the list, each anime's page, search and refresh, as one component. The server renders it in its
 * first state; in the browser it starts from the same props and goes on without loading pages. Its view is in
 * `tracker/views.ts`.
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
import { type Anime, toAnime, toAnimeList } from './tracker/anime.ts';
import {
  findAnime,
  type Request,
  type Scores,
  type TrackerMessage,
  type TrackerModel,
  type TrackerProps,
  titleOf,
  type Wanted,
} from './tracker/model.ts';
import { pageOf, routes, toId } from './tracker/routes.ts';
import { view } from './tracker/views.ts';

type Next = readonly [TrackerModel, Effect<TrackerMessage>];

const idle: Request = { kind: 'idle' };
const timeKey = 'tracker.refreshedAt';
const scoresKey = 'tracker.scores';

export const tracker = component<TrackerModel, TrackerMessage, TrackerProps>({
  init: ({ url, list, anime }) => {
    const page = pageOf(url);
    const query = page?.name === 'list' ? page.query.q : '';
    const seen = page?.name === 'detail' && anime !== undefined ? { [page.params.id]: anime } : {};
    const model = { url, list, query, search: query, seen, request: idle, refreshedAt: null, scores: {} };
    return [
      model,
      effect.batch([
        onUrlChange((changed) => ({ type: 'UrlChanged', url: changed })),
        followLinks((link) => pageOf(link) !== null),
        fromEventTarget('window', 'online', () => ({ type: 'NetworkCameBack' })),
        storage.read(timeKey, { decode: toTime, onSuccess: (at) => ({ type: 'StorageReturnedTime', at }) }),
        storage.read(scoresKey, {
          decode: toScores,
          onSuccess: (scores) => ({ type: 'StorageReturnedScores', scores }),
        }),
      ]),
    ];
  },
  update,
  view,
});

function update(model: TrackerModel, message: TrackerMessage): Next {
  switch (message.type) {
    case 'UrlChanged':
      return changeUrl(model, message.url);
    case 'UserTypedSearch':
      return [{ ...model, search: message.text }, effect.none];
    case 'UserSubmittedSearch':
      return [model, navigate.push(routes.list.href({}, { q: message.text.trim() }))];
    case 'UserClickedRefresh':
      return ask(model, listWanted(model.query));
    case 'UserClickedMore': {
      const { next } = model.list;
      return next === null ? [model, effect.none] : ask(model, { kind: 'list', url: next, isMore: true });
    }
    case 'UserClickedRetry':
    case 'NetworkCameBack': {
      const { request } = model;
      return request.kind === 'failed' ? ask(model, request.wanted) : [model, effect.none];
    }
    case 'ApiReturnedList':
    case 'ApiReturnedAnime':
    case 'ApiFailed': {
      const { request } = model;
      // an answer to what nobody wants any more
      if (request.kind !== 'loading' || request.wanted !== message.wanted) return [model, effect.none];
      return take(model, message);
    }
    case 'UserSavedScore': {
      const { id, score } = message;
      return isScore(score) ? keepScores(model, { ...model.scores, [id]: score }) : [model, effect.none];
    }
    case 'UserClickedForget': {
      const { [message.id]: _, ...scores } = model.scores;
      return keepScores(model, scores);
    }
    case 'StorageReturnedTime':
      return [{ ...model, refreshedAt: message.at }, effect.none];
    case 'StorageReturnedScores':
      return [{ ...model, scores: message.scores ?? {} }, effect.none];
  }
}

function changeUrl(before: TrackerModel, url: string): Next {
  const page = pageOf(url);
  const query = page?.name === 'list' ? page.query.q : page?.name === 'home' ? '' : before.query;
  const model = { ...before, url, query, search: query, request: idle };
  const id = page?.name === 'detail' ? toId(page.params.id) : Number.NaN;
  const isUnknown = page?.name === 'detail' && findAnime(model, id) === undefined;
  const [next, wanted] =
    query !== before.query
      ? ask(model, listWanted(query))
      : isUnknown
        ? ask(model, { kind: 'anime', id })
        : [model, effect.none];
  // who cannot see hears that there is another page
  const isOther = pathOf(url) !== pathOf(before.url);
  return [
    next,
    effect.batch([wanted, title(titleOf(next)), isOther ? focus('h1', { preventScroll: true }) : effect.none]),
  ];
}

function pathOf(url: string): string {
  return url.split(/[?#]/, 1)[0] as string;
}

function take(
  model: TrackerModel,
  message: Extract<TrackerMessage, { type: 'ApiReturnedList' | 'ApiReturnedAnime' | 'ApiFailed' }>,
): Next {
  const { wanted } = message;
  if (message.type === 'ApiReturnedList') {
    const { list, at } = message;
    const isMore = wanted.kind === 'list' && wanted.isMore;
    const anime = isMore ? withoutDoubles([...model.list.anime, ...list.anime]) : list.anime;
    return [{ ...model, list: { ...list, anime }, request: idle, refreshedAt: at }, storage.write(timeKey, at)];
  }
  const answer = message.type === 'ApiReturnedAnime' ? message.anime : null;
  const isMissing = message.type === 'ApiFailed' && message.error.kind === 'status' && message.error.status === 404;
  if (wanted.kind === 'anime' && (answer || isMissing)) {
    const next = { ...model, seen: { ...model.seen, [wanted.id]: answer }, request: idle };
    return [next, title(titleOf(next))];
  }
  const error: HttpError = message.type === 'ApiFailed' ? message.error : { kind: 'decode', problem: '' };
  return [{ ...model, request: { kind: 'failed', wanted, error } }, effect.none];
}

function ask(model: TrackerModel, wanted: Wanted): Next {
  const onError = (error: HttpError): TrackerMessage => ({ type: 'ApiFailed', wanted, error });
  const request =
    wanted.kind === 'list'
      ? http.get(wanted.url, {
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

function listWanted(query: string): Wanted {
  const url = query === '' ? '/api/anime' : `/api/anime?search=${encodeURIComponent(query)}`;
  return { kind: 'list', url, isMore: false };
}

function keepScores(model: TrackerModel, scores: Scores): Next {
  return [{ ...model, scores }, storage.write(scoresKey, scores)];
}

// The list may have changed between its parts.
function withoutDoubles(anime: readonly Anime[]): readonly Anime[] {
  return [...new Map(anime.map((each) => [each.id, each])).values()];
}

function isScore(score: unknown): score is number {
  return Number.isInteger(score) && (score as number) >= 1 && (score as number) <= 10;
}

function toTime(json: unknown): number {
  if (typeof json !== 'number' || !Number.isFinite(json)) throw new TypeError('no time');
  return json;
}

function toScores(json: unknown): Scores {
  return Object.fromEntries(Object.entries(json as object).filter(([, score]) => isScore(score)));
}
