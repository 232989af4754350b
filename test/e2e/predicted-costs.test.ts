// What is measured of prediction (bench/predict) in numbers that do not depend on the machine: one frame up and one
// down for each event, their bytes, and that a page shows what was done before anything has come from the server.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { ServerProcess } from '../../bench/driver/server-process.ts';
import { type BoardAction, boardActions } from '../../bench/predict/board.ts';
import { actOnBoard, type BoardEvent } from '../../bench/predict/latency.ts';
import { startBoards } from '../../bench/predict/server-cost.ts';
import { buildBundles } from '../../scripts/build.ts';
import { openPages } from '../support/pages.ts';

const newPage = openPages();

let folder: string;
let server: ServerProcess;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'islet-predicted-costs-'));
  const [page] = await buildBundles({ entries: ['bench/predict/page.ts'], write: false });
  await writeFile(join(folder, 'board.js'), page?.code ?? '');
  server = await startBoards(join(folder, 'board.js'));
});
afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true });
});

const distance = { repetitions: 3, roundTripMs: 20, slowdown: 1 };
/** At most so many bytes up and down. */
const plain: Bytes = { up: [24, 15], toggle: [28, 25], delete: [28, 30], move: [28, 36], text: [44, 40] };
const predicted: Bytes = { up: [41, 52], toggle: [52, 70], delete: [52, 64], move: [52, 58], text: [60, 62] };
type Bytes = { readonly [action in BoardAction]: readonly [up: number, down: number] };

test.each([
  ['is shown at once where it is predicted, and told in a frame each way', true, predicted],
  ['waits for the server where it is not, and is told in a frame each way', false, plain],
] as const)('what is done on a board of 1,000 rows %s', { timeout: 60_000 }, async (_, predicts, limits) => {
  const events = await actOnBoard(newPage, { port: server.port, predicts, ...distance });
  for (const action of boardActions) {
    const [up, down] = limits[action];
    expect(events[action]).toHaveLength(distance.repetitions);
    for (const event of events[action]) {
      expect({ action, ...event }).toMatchObject({ isForeseen: predicts, framesUp: 1, framesDown: 1 });
      expectAtMost(action, event, up, down);
    }
  }
});

function expectAtMost(action: BoardAction, event: BoardEvent, up: number, down: number): void {
  expect(event.up, `${action}, up`).toBeLessThanOrEqual(up);
  expect(event.down, `${action}, down`).toBeLessThanOrEqual(down);
}
