/*
 * Talks to the measured board as a page does: one that shows what the server draws, or one that predicts. The page is
 * fetched once and joined with what it has; who predicts then asks for the model, and names places by address. Rows
 * that are deleted are not those that are ticked and moved.
 */

import { compile } from '../../server/html-parser.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { addressOf } from '../../shared/tree/address.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { encodeAck, encodeEvent, encodeHello, encodeJoin, encodeNeed } from '../../shared/wire/client-frames.ts';
import { type Address, anyCode, framesPerAck } from '../../shared/wire/frames.ts';
import { decodeServerFrame } from '../../shared/wire/server-frames.ts';
import { Meaning, type Plan } from '../driver/protocol.ts';
import { readPage } from '../driver/protocol-islet.ts';
import { encodeText } from '../driver/socket.ts';
import { type BoardAction, board, createBoard, rowCount, rowId } from './board.ts';

/** Rows that stay are ticked and moved, those behind them are deleted one after the other. */
const staying = rowCount / 2;

interface Place {
  readonly hole: number;
  readonly address: Address;
  readonly isOfRow: boolean;
}

/** Where each action is, in any rendering of the board; a row's address ends with its key. */
const places = findPlaces();

/** @param route As a page names it: `/bench/predicted/one`. */
export async function planBoard(port: number, route: string, predicts: boolean): Promise<Plan> {
  const response = await fetch(`http://127.0.0.1:${port}${route.replace('/bench/', '/bench/page/')}`);
  const page = readPage(await response.text());
  const have = [page.epoch, page.version, page.templates, page.digest] as const;
  const first = [encodeHello(null, 1), encodeJoin(1, route, {}, 0, have)];
  if (predicts) first.push(encodeNeed(1, 0, anyCode));
  const frames = first.map(encodeText);
  return {
    isEcho: false,
    path: '/islet',
    headers: {},
    converse: () => {
      let { epoch, version } = page;
      let [number, unacknowledged, answers, done, deleted] = [0, 0, 0, 0, 0];
      return {
        join: () => frames,
        read: (bytes, start, end) => {
          const text = bytes.toString('latin1', start, Math.min(end, start + 8));
          if (text.startsWith('[0,')) return Meaning.other;
          if (text.startsWith('[1,"')) {
            const frame = decodeServerFrame(bytes.toString('utf8', start, end));
            const isAnswer = frame?.kind === 'live' || frame?.kind === 'mount' || frame?.kind === 'model';
            if (!isAnswer) throw new Error(`the server says ${bytes.toString('utf8', start, end).slice(0, 300)}`);
            ({ epoch, version } = frame);
            return ++answers === (predicts ? 2 : 1) ? Meaning.joined : Meaning.other;
          }
          if (text.startsWith('[1,[')) {
            version++;
            unacknowledged++;
            if (bytes.subarray(start, end).includes('"refused"'))
              throw new Error(`refused: ${bytes.toString('utf8', start, end)}`);
          }
          return bytes[end - 2] === ']'.charCodeAt(0) ? Meaning.delivery : Meaning.reply;
        },
        event: (action) => {
          unacknowledged = 0;
          const { hole, address, isOfRow } = places[action as BoardAction];
          const row = action === 'delete' ? staying + deleted++ : (++done * 37) % staying;
          const a = isOfRow ? ([...address.slice(0, -1), rowId(row)] as unknown as Address) : address;
          const instance = predicts ? { a } : page.root + (isOfRow ? 1 + row : 0);
          const data = action === 'text' ? { value: `typed ${number}` } : undefined;
          return encodeText(encodeEvent(1, ++number, epoch, version, instance, hole, data));
        },
        due: () => {
          if (unacknowledged < framesPerAck) return undefined;
          unacknowledged = 0;
          return encodeText(encodeAck(1, version));
        },
      };
    },
  };
}

function findPlaces(): { readonly [action in BoardAction]: Place } {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(board.view(createBoard()));
  const at = (id: number, order: number): Place => {
    const found = rendering.findInstance(id);
    const holes = found?.instance.definition.holes.flatMap(({ kind }, hole) => (kind === HoleKind.event ? [hole] : []));
    const hole = holes?.[order];
    const address = found && addressOf(found);
    if (hole === undefined || !address) throw new Error(`the board has no listener ${order} in ${id}`);
    return { hole, address, isOfRow: id > 1 };
  };
  return { up: at(1, 0), text: at(1, 1), toggle: at(2, 0), move: at(2, 1), delete: at(2, 2) };
}
