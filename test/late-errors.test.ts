// What an effect throws after it has returned reaches nobody but Node's process, which would end. Here a server runs in
// a process of its own, and stays alive for each of them: the error is traced to the actor whose effect it was.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TestClient } from './support/client.ts';
import { lateErrors } from './support/late-errors-server.ts';
import type { LogLine } from './support/server.ts';

let server: ChildProcess;
let url: string;
let stderr = '';
const log: LogLine[] = [];

beforeAll(async () => {
  server = spawn(process.execPath, [fileURLToPath(new URL('support/late-errors-server.ts', import.meta.url))]);
  server.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  const lines = createInterface({ input: server.stdout as NodeJS.ReadableStream });
  ({ url } = JSON.parse((await once(lines, 'line'))[0]));
  lines.on('line', (line) => log.push(JSON.parse(line)));
});

afterAll(() => server.kill());

async function visit(route: string): Promise<TestClient> {
  const page = await new TestClient(`${url.replace('http', 'ws')}/islet`).opened();
  await page.hello();
  await page.join(route);
  return page;
}

test.each(Object.keys(lateErrors))('%s: the log names the actor, which goes on', async (name) => {
  const page = await visit(`/ws/${name}`);
  page.click(1);
  await page.until(() => page.slots()[2] === 1);
  page.click(0);
  await expect.poll(() => log.filter(({ actor }) => actor === `/ws/${name}`)).toHaveLength(1);
  const [line] = log.filter(({ actor }) => actor === `/ws/${name}`);
  expect(line?.msg).toBe(`an effect of /ws/${name} threw; the actor goes on`);
  if (name !== 'rejection-without-a-reason') expect(line?.err?.stack).toContain('late-errors-server.ts');
  page.click(1);
  await page.until(() => page.slots()[2] === 2);
  await page.close();
});

test('what a listener of the abort signal throws is logged with the actor that it belonged to', async () => {
  const page = await visit('/ws/abort');
  page.click(0);
  await page.handled();
  page.send({ kind: 'leave', channel: 1 });
  await expect.poll(() => log.filter(({ actor }) => actor?.startsWith('/ws/abort'))).toHaveLength(1);
  expect(log.at(-1)).toMatchObject({
    msg: 'an effect of /ws/abort#1 threw after it was stopped',
    err: { message: 'boom' },
  });
  await page.close();
});

describe('at last', () => {
  test('an error that is no component’s ends the process, as in any other server', async () => {
    expect(server.exitCode).toBeNull();
    const exit = once(server, 'exit');
    await fetch(`${url}/crash`);
    expect(await exit).toEqual([1, null]);
    expect(stderr).toContain("Error: not a component's");
  });
});
