/*
 * This project's protocol, spoken as the element speaks it: the page is fetched once, each connection says hello and
 * joins with what the page has, so that a join brings no tree. Events carry the version reached, which acknowledges it.
 */

import { protocolVersion } from '../../shared/wire/protocol.ts';
import { operations } from '../app/rows.ts';
import { type Action, Meaning, type Protocol, type Route } from './protocol.ts';
import { encodeText } from './socket.ts';

const bracketOpen = '['.charCodeAt(0);
const bracketClose = ']'.charCodeAt(0);
const quote = '"'.charCodeAt(0);
const one = '1'.charCodeAt(0);

/** The element acknowledges after this many frames when it has nothing else to say. */
const framesPerAck = 32;
const eventKind = 5;

/** What a page says about its island; the layout is that of `docs/protocol.md`. */
interface Page {
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
    const have = [page.epoch, page.version, page.templates, page.digest];
    const hello = encodeText(JSON.stringify([0, 'hello', protocolVersion, null]));
    const join = encodeText(JSON.stringify([1, 'join', `/bench/${route}`, {}, have]));
    const tailOf = (action: Action): string => `${page.root},${page.eventHoles[placeOf(route, action)]}]`;
    const tails = new Map<Action, string>();
    for (const action of [...operations, 'up'] as const) tails.set(action, tailOf(action));
    return {
      isEcho: false,
      path: '/islet',
      headers: {},
      converse: () => {
        let version = page.version;
        let unacknowledged = 0;
        return {
          join: () => [hello, join],
          read: (bytes, start, end) => {
            // `[1,` and then an operation, the number of an applied event, or a word
            if (bytes[start + 1] !== one) return checkHello(bytes.toString('utf8', start, end));
            const next = bytes[start + 3];
            if (next === quote) {
              version = readAnswer(bytes.toString('utf8', start, end), route);
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
            return encodeText(`[1,${version},${tails.get(action)}`);
          },
          due: () => {
            if (unacknowledged < framesPerAck) return undefined;
            unacknowledged = 0;
            return encodeText(`[1,${version}]`);
          },
        };
      },
    };
  },
};

function placeOf(route: Route, action: Action): number {
  return route === 'counter' || route === 'shared' ? 0 : operations.indexOf(action as (typeof operations)[number]);
}

function readPage(html: string): Page {
  const match = /<script type="application\/json">(.*?)<\/script>/s.exec(html);
  if (!match) throw new Error(`the page has no adoption data: ${html.slice(0, 500)}`);
  const [epoch, version, digest, , ids, shape, ...definitions] = JSON.parse(match[1] as string) as [
    string,
    number,
    string,
    number,
    0 | readonly number[],
    readonly [template: number, ...unknown[]],
    ...(readonly [number, string, ...(readonly [kind: number, ...unknown[]])[]])[],
  ];
  const [, , ...holes] = definitions[shape[0]] as (typeof definitions)[number];
  const eventHoles = holes.flatMap(([kind], hole) => (kind === eventKind ? [hole] : []));
  return {
    epoch,
    version,
    digest,
    templates: definitions.length,
    root: ids === 0 ? 1 : (ids[0] as number),
    eventHoles,
  };
}

function checkHello(text: string): Meaning {
  if (!text.startsWith('[0,"hello"')) throw new Error(`the server says ${text}`);
  return Meaning.other;
}

/** Gives the version of a `live` answer. A mount here would mean that joining sends the tree again. */
function readAnswer(text: string, route: Route): number {
  const [, kind, , version] = JSON.parse(text) as [number, string, string, number];
  if (kind !== 'live' && !(kind === 'mount' && route === 'shared'))
    throw new Error(`the server says ${text.slice(0, 500)}`);
  return version;
}
