/*
 * This project's protocol, spoken as the element speaks it: the page is fetched once, each connection says hello and
 * joins with what the page has, so that a join brings no tree. Events carry the version reached, which acknowledges it.
 */

import * as HoleKind from '../../shared/template/hole-kind.ts';
import { decodeAdoption } from '../../shared/wire/adoption.ts';
import { encodeAck, encodeEvent, encodeHello, encodeJoin } from '../../shared/wire/client-frames.ts';
import { decodeIdsReversed, templateOf, type WireInstance } from '../../shared/wire/content.ts';
import { decodeDefinition, type WireDefinition } from '../../shared/wire/definition.ts';
import { framesPerAck, type Have } from '../../shared/wire/frames.ts';
import { decodeServerFrame } from '../../shared/wire/server-frames.ts';
import { operations } from '../app/rows.ts';
import { type Action, Meaning, type Protocol, type Route } from './protocol.ts';
import { encodeText } from './socket.ts';

const bracketOpen = '['.charCodeAt(0);
const bracketClose = ']'.charCodeAt(0);
const quote = '"'.charCodeAt(0);
const one = '1'.charCodeAt(0);

/** What a page says about its island; the layout is that of `docs/protocol.md`. */
export interface Page {
  readonly epoch: string;
  readonly version: number;
  readonly templates: number;
  readonly digest: string;
  /** Id of the island's outermost instance, and its event holes in order. */
  readonly root: number;
  readonly eventHoles: readonly number[];
}

export const isletProtocol: Protocol = {
  prepare: async (port, route) => {
    const url = `http://127.0.0.1:${port}/bench/page/${route}`;
    const page = readPage(await (await fetch(url)).text());
    const hello = encodeText(encodeHello(null, 1));
    const have: Have = [page.epoch, page.version, page.templates, page.digest];
    const join = encodeText(encodeJoin(1, `/bench/${route}`, {}, 0, have));
    const holes = new Map<Action, number>();
    for (const action of [...operations, 'up'] as const)
      holes.set(action, page.eventHoles[placeOf(route, action)] as number);
    return {
      isEcho: false,
      path: '/islet',
      headers: {},
      converse: () => {
        let { epoch, version } = page;
        let unacknowledged = 0;
        let number = 0;
        let picks = 0;
        /** Ids count in document order: the root, then row and button, row and button. */
        const pickedId = (): number => 2 * ((++picks * 37) % rowsOf(route)) + page.root + 2;
        return {
          join: () => [hello, join],
          read: (bytes, start, end) => {
            // `[1,` and then an operation, the number of an applied event, or a word
            if (bytes[start + 1] !== one) return checkHello(bytes.toString('utf8', start, end));
            const next = bytes[start + 3];
            if (next === quote) {
              ({ epoch, version } = readAnswer(bytes.toString('utf8', start, end), route));
              return Meaning.joined;
            }
            if (next === bracketOpen) {
              version++;
              unacknowledged++;
            }
            return bytes[end - 2] === bracketClose ? Meaning.delivery : Meaning.reply;
          },
          event: (action) => {
            unacknowledged = 0;
            const [instance, hole] = action === 'pick' ? [pickedId(), 0] : [page.root, holes.get(action) as number];
            return encodeText(encodeEvent(1, ++number, epoch, version, instance, hole));
          },
          due: () => {
            if (unacknowledged < framesPerAck) return undefined;
            unacknowledged = 0;
            return encodeText(encodeAck(1, version));
          },
        };
      },
    };
  },
};

function rowsOf(route: Route): number {
  return 1_000 * Number(/\d+/.exec(route)?.[0]);
}

function placeOf(route: Route, action: Action): number {
  return route !== 'table' && route !== 'table10k' ? 0 : operations.indexOf(action as (typeof operations)[number]);
}

/** Reads what a page says about its island. */
export function readPage(html: string): Page {
  const match = /<script type="application\/json"[^>]*>(.*?)<\/script>/s.exec(html);
  if (!match) throw new Error(`the page has no adoption data: ${html.slice(0, 500)}`);
  const { epoch, version, digest, ids, shape, definitions } = decodeAdoption(match[1] as string);
  const [root] = ids === 0 ? [1] : decodeIdsReversed(ids).slice(-1);
  const { holes } = decodeDefinition(definitions[templateOf(shape as WireInstance)] as WireDefinition);
  const eventHoles = holes.flatMap(({ kind }, hole) => (kind === HoleKind.event ? [hole] : []));
  return {
    epoch,
    version,
    digest,
    templates: definitions.length,
    root: root as number,
    eventHoles,
  };
}

function checkHello(text: string): Meaning {
  if (!text.startsWith('[0,"hello"')) throw new Error(`the server says ${text}`);
  return Meaning.other;
}

/**
 * Gives where a `live` answer says that the island stands. A mount here would mean that joining sends the tree again.
 */
function readAnswer(text: string, route: Route): { epoch: string; version: number } {
  const frame = decodeServerFrame(text);
  const isShared = route === 'shared' || route.startsWith('room/');
  if (frame?.kind !== 'live' && !(frame?.kind === 'mount' && isShared))
    throw new Error(`the server says ${text.slice(0, 500)}`);
  return frame;
}
