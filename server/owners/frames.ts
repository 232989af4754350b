/*
 * What edges and owners say to each other, as values and as texts of the bus. Input: any text, which whoever reaches the
 * bus may have said, or code of another day. Output: a question, an answer or news whose every field is what its type
 * says; undefined for all else.
 */

import { type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import type { EventData, Json } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import { isPlace } from '../../shared/wire/client-frames.ts';
import type { Have, PredictedPlace } from '../../shared/wire/frames.ts';
import type { Arrival, Part, Refusal } from '../actors/actor-port.ts';
import type { SentRefusal } from '../actors/sent-message.ts';

/**
 * Frames of another version are nobody's: whoever says them counts as silent, and is claimed from. A claim alone is read
 * whatever the version: it begins an array with a version, and has a `kind` and a `term` in all of them.
 */
export const protocol = 4;

/** Somebody who looks at an edge. */
export interface Viewer {
  /** Names the island of a page. */
  readonly name: string;
  readonly id: string;
  readonly user: Json;
  /** On whose account is what a store remembers of it. */
  readonly account: string | null;
  /** Rises with each connection of the page: of two edges that know it, the one with the higher has it. */
  readonly attempt: number;
}

/** `after`: the event before it; those between the two its page has dropped. */
export type SentEvent =
  | {
      readonly number: number;
      readonly after: number;
      readonly seen: number;
      readonly instance: number | PredictedPlace;
      readonly hole: number;
      readonly data: EventData;
    }
  /** The number is taken, and nothing done; a code says why, if the page is to hear. */
  | { readonly number: number; readonly after: number; readonly code: ErrorCode | null };

export interface ClientEvents extends Viewer {
  /** Up to here they have an outcome, and what was refused of them is kept, or is known to the page. */
  readonly base: number;
  readonly events: readonly SentEvent[];
}

/** An attribute was set, or taken away (null). */
export interface AttributeChange {
  readonly number: number;
  readonly name: string;
  readonly text: string | null;
}

/** What became of somebody's events. */
export interface ToldOutcome {
  readonly name: string;
  /** Up to here they have an outcome; -1: nobody knows. */
  readonly upTo: number;
  readonly refused: readonly Refusal[];
}

/** What an edge asks an owner. `term` says which owner it takes it for. */
export type Ask =
  /** Is anybody the owner? */
  | { readonly kind: 'who'; readonly edge: string }
  | {
      readonly kind: 'look';
      readonly edge: string;
      /** Of the latest owner that the edge knows of. */
      readonly term: number;
      /** How many look there. */
      readonly viewers: number;
      readonly come: readonly Viewer[];
      readonly gone: readonly { readonly name: string; readonly attempt: number; readonly hasLeft: boolean }[];
      /** Whose outcomes are to be told. */
      readonly known: readonly string[];
    }
  | { readonly kind: 'events'; readonly edge: string; readonly term: number; readonly clients: readonly ClientEvents[] }
  | {
      readonly kind: 'bring';
      readonly edge: string;
      readonly term: number;
      readonly have: Have | null;
      readonly isNew: boolean;
    }
  | { readonly kind: 'part'; readonly edge: string; readonly term: number; readonly instance: number }
  /** What leads from a version to the present one. */
  | {
      readonly kind: 'since';
      readonly edge: string;
      readonly term: number;
      readonly epoch: string;
      readonly version: number;
      readonly known: readonly string[];
    }
  | { readonly kind: 'html'; readonly edge: string }
  /** Attributes that pages there have set: each is done once, by its number. */
  | {
      readonly kind: 'attributes';
      readonly edge: string;
      readonly term: number;
      /** Names whose numbers they are, in what is kept. */
      readonly from: string;
      readonly changes: readonly AttributeChange[];
    }
  /** A message of the app; it is done once for each key. */
  | {
      readonly kind: 'send';
      readonly edge: string;
      readonly term: number;
      readonly message: AnyMessage;
      readonly key: string;
    }
  | { readonly kind: 'model'; readonly edge: string; readonly term: number };

export type Answer =
  /** The owner is another one: ask who. */
  | { readonly kind: 'moved'; readonly term: number }
  | { readonly kind: 'here'; readonly term: number }
  | {
      readonly kind: 'state';
      readonly term: number;
      readonly epoch: string;
      readonly version: number;
      readonly hasFailed: boolean;
      /** Names the code that pages predict it by, if they may. */
      readonly code: string | null;
      /** What it has drawn, as a digest. */
      readonly drawn: number | null;
      readonly provided: readonly (readonly [key: string, value: Json])[];
      /** How many it knows to look at this edge. */
      readonly present: number;
      readonly known: readonly ToldOutcome[];
    }
  /** Events have arrived, but for those behind a gap. */
  | { readonly kind: 'taken'; readonly gaps: readonly string[] }
  | { readonly kind: 'arrival'; readonly arrival: Arrival | null }
  | { readonly kind: 'part'; readonly part: Part | Arrival | null }
  | {
      readonly kind: 'since';
      readonly epoch: string;
      readonly version: number;
      readonly patch: string | null;
      /** The same as changes of the model; null: pages do not predict it. */
      readonly model: string | null;
      readonly known: readonly ToldOutcome[];
    }
  | { readonly kind: 'html'; readonly chunks: readonly Chunk[] | null }
  /** Null: the actor has ended before. */
  | { readonly kind: 'sent'; readonly outcome: 'done' | SentRefusal | null }
  | { readonly kind: 'model'; readonly read: { readonly model: Json } | { readonly code: ErrorCode } | null };

/** What an owner says to all edges. */
export type News =
  | { readonly kind: 'claimed'; readonly term: number }
  | { readonly kind: 'released'; readonly term: number }
  /** A turn has ended: the patch to this version (empty: there is none), and what became of events in it. */
  | {
      readonly kind: 'turn';
      readonly term: number;
      readonly version: number;
      readonly patch: string;
      /** The same as changes of the model; null: pages do not predict it. */
      readonly model: string | null;
      readonly outcomes: readonly ToldOutcome[];
    }
  /** All is shown anew. */
  | { readonly kind: 'shown'; readonly term: number; readonly epoch: string; readonly version: number }
  | { readonly kind: 'failed'; readonly term: number; readonly code: ErrorCode }
  | { readonly kind: 'revived'; readonly term: number }
  | { readonly kind: 'saving'; readonly term: number; readonly isSaving: boolean };

/** Whether an owner has answered what it was asked. `NoAnswer`: why there is none, in a word. */
export function isAnswer<Kind extends Answer['kind']>(
  answer: Answer | string,
  kind: Kind,
): answer is Extract<Answer, { kind: Kind }> {
  return typeof answer === 'object' && answer.kind === kind;
}

type Check = (value: unknown) => boolean;
type Fields<Frame> = { readonly [name in keyof Omit<Frame, 'kind'>]-?: Check };
type Kinds<Frame extends { readonly kind: string }> = {
  readonly [kind in Frame['kind']]: Fields<Extract<Frame, { readonly kind: kind }>>;
};

const isText: Check = (value) => typeof value === 'string';
const isFlag: Check = (value) => typeof value === 'boolean';
const isCount: Check = (value) => Number.isSafeInteger(value) && (value as number) >= 0;
const isOutcomeNumber: Check = (value) => value === -1 || isCount(value);
const isAnything: Check = (value) => value !== undefined;
const isObject: Check = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isList: Check = (value) => Array.isArray(value);
const isCode: Check = (value) => typeof value === 'string' && Object.hasOwn(errorCatalogue, value);
const isListOf = (isItem: Check): Check => {
  return (value) => Array.isArray(value) && value.every(isItem);
};
const orNull = (check: Check): Check => {
  return (value) => value === null || check(value);
};
const either = (one: Check, other: Check): Check => {
  return (value) => one(value) || other(value);
};
const has = (fields: { readonly [name: string]: Check }): Check => {
  return (value) =>
    isObject(value) && Object.entries(fields).every(([name, check]) => check((value as Record<string, unknown>)[name]));
};

const isReason: Check = (value) => value === undefined || isText(value);
const viewer = { name: isText, id: isText, user: isAnything, account: orNull(isText), attempt: isCount };
const isEvent = either(
  has({
    number: isCount,
    after: isCount,
    seen: isCount,
    instance: either(isCount, isPlace),
    hole: isCount,
    data: isObject,
  }),
  has({ number: isCount, after: isCount, code: orNull(isCode) }),
);
const isOutcome = has({
  name: isText,
  upTo: isOutcomeNumber,
  refused: isListOf(has({ event: isCount, code: isCode, reason: isReason })),
});
const isChange = has({ number: isCount, name: isText, text: orNull(isText) });
const isHave: Check = (value) => {
  if (!Array.isArray(value)) return false;
  const [epoch, version, known, digest] = value;
  if (!isText(epoch) || !Number.isInteger(version)) return false;
  return isText(known) ? value.length === 3 : isCount(known) && (digest === undefined || isText(digest));
};
const isOffer: Check = (value) => Array.isArray(value) && value.length === 2 && isText(value[0]);
const isMount = has({ epoch: isText, version: isCount, nextId: isCount, ids: isList, operations: isText });
const isShown = { epoch: isText, version: isCount, operations: isText };
const isLive = has({ ...isShown, predicts: (value) => value === undefined || isFlag(value) });
const isModel = has({ ...isShown, model: isAnything, predicts: isFlag });
const isArrival: Check = (value) => {
  if (!isObject(value)) return false;
  const { kind } = value as { readonly kind?: unknown };
  if (kind === 'later' || kind === 'failed') return true;
  if (kind === 'live') return isLive(value);
  return kind === 'model' ? isModel(value) : isMount(value);
};
const isPart = has({ version: isCount, nextId: isCount, ids: isList, content: isAnything });
const isChunk = either(isText, has({ name: isText, attributes: isObject, isEmpty: isFlag }));

const asks: Kinds<Ask> = {
  who: { edge: isText },
  look: {
    edge: isText,
    term: isCount,
    viewers: isCount,
    come: isListOf(has(viewer)),
    gone: isListOf(has({ name: isText, attempt: isCount, hasLeft: isFlag })),
    known: isListOf(isText),
  },
  events: {
    edge: isText,
    term: isCount,
    clients: isListOf(has({ ...viewer, base: isCount, events: isListOf(isEvent) })),
  },
  bring: { edge: isText, term: isCount, have: orNull(isHave), isNew: isFlag },
  part: { edge: isText, term: isCount, instance: isCount },
  since: { edge: isText, term: isCount, epoch: isText, version: isCount, known: isListOf(isText) },
  html: { edge: isText },
  attributes: { edge: isText, term: isCount, from: isText, changes: isListOf(isChange) },
  send: { edge: isText, term: isCount, message: has({ type: isText }), key: isText },
  model: { edge: isText, term: isCount },
};

const answers: Kinds<Answer> = {
  moved: { term: isCount },
  here: { term: isCount },
  state: {
    term: isCount,
    epoch: isText,
    version: isCount,
    hasFailed: isFlag,
    code: orNull(isText),
    drawn: orNull(isCount),
    provided: isListOf(isOffer),
    present: isCount,
    known: isListOf(isOutcome),
  },
  taken: { gaps: isListOf(isText) },
  arrival: { arrival: orNull(isArrival) },
  part: { part: orNull(either(isPart, isArrival)) },
  since: { epoch: isText, version: isCount, patch: orNull(isText), model: orNull(isText), known: isListOf(isOutcome) },
  html: { chunks: orNull(isListOf(isChunk)) },
  sent: { outcome: orNull(either((value) => value === 'done', has({ code: isCode, reason: isReason }))) },
  model: { read: orNull(either(has({ model: isAnything }), has({ code: isCode }))) },
};

const news: Kinds<News> = {
  claimed: { term: isCount },
  released: { term: isCount },
  turn: { term: isCount, version: isCount, patch: isText, model: orNull(isText), outcomes: isListOf(isOutcome) },
  shown: { term: isCount, epoch: isText, version: isCount },
  failed: { term: isCount, code: isCode },
  revived: { term: isCount },
  saving: { term: isCount, isSaving: isFlag },
};

export function encodeFrame(frame: Ask | Answer): string {
  return JSON.stringify([protocol, frame]);
}

export function decodeAsk(text: string): Ask | undefined {
  return decode<Ask>(text, asks);
}

export function decodeAnswer(text: string): Answer | undefined {
  return decode<Answer>(text, answers);
}

/** @param from Names the process that says it. */
export function encodeNews(said: News, from: string): string {
  return JSON.stringify([protocol, said, from]);
}

export function decodeNews(text: string): { readonly news: News; readonly from: unknown } | undefined {
  const said = decode<News>(text, news) ?? decodeClaim(text);
  return said && { news: said, from: (JSON.parse(text) as unknown[])[2] };
}

/** The version of a frame that is of another one; undefined: of this one, or no frame. */
export function otherVersionOf(text: string): number | undefined {
  const version = Number(/^\[(\d{1,6}),/.exec(text)?.[1] ?? protocol);
  return version === protocol ? undefined : version;
}

function decodeClaim(text: string): News | undefined {
  const version = otherVersionOf(text);
  if (version === undefined) return undefined;
  const claim = decode<News>(text, news, version);
  return claim?.kind === 'claimed' ? claim : undefined;
}

function decode<Frame extends { readonly kind: string }>(
  text: string,
  kinds: Kinds<Frame>,
  version = protocol,
): Frame | undefined {
  let said: unknown;
  try {
    said = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!Array.isArray(said) || said[0] !== version || !isObject(said[1])) return undefined;
  const frame = said[1] as { readonly kind?: unknown };
  if (typeof frame.kind !== 'string' || !Object.hasOwn(kinds, frame.kind)) return undefined;
  // each field was checked by the table, which has to name all of them
  return has(kinds[frame.kind as Frame['kind']])(frame) ? (frame as unknown as Frame) : undefined;
}
