// A nats-server for tests, on a free port, that can be killed, stopped and started again. Where none is installed,
// `natsReason` says so.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { freePort } from './free-port.ts';

export interface NatsServer extends AsyncDisposable {
  /** `nats://127.0.0.1:port` */
  readonly url: string;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. */
  start(): Promise<void>;
  /** It says nothing any more, and its connections stay. */
  pause(): void;
  resume(): void;
}

const program = findProgram();

/** Why there is no NATS to test with; nothing where there is one. */
export const natsReason: string | undefined = program !== undefined ? undefined : 'no nats-server found: install one';

/**
 * @param settings What its configuration has besides, such as `max_payload: 8192`.
 * @param isDetached A Ctrl-C does not reach it.
 */
export async function startNats(settings = '', { isDetached = false } = {}): Promise<NatsServer> {
  if (program === undefined) throw new Error(natsReason);
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), 'islet-nats-'));
  await writeFile(join(folder, 'nats.conf'), `listen: "127.0.0.1:${port}"\n${settings}\n`);
  const args = ['-c', join(folder, 'nats.conf')];
  let child: ChildProcess;
  const start = async (): Promise<void> => {
    child = spawn(program, args, { detached: isDetached, stdio: 'ignore' });
    await untilOpen(port);
  };
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  };
  await start();
  return {
    url: `nats://127.0.0.1:${port}`,
    kill,
    start,
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function untilOpen(port: number): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isOpen = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    if (isOpen) return;
    if (performance.now() > giveUpAt) throw new Error('nats-server does not listen');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** On the PATH, or where Debian has programs that are not. */
function findProgram(): string | undefined {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/bin'];
  return folders.map((folder) => join(folder, 'nats-server')).find((path) => existsSync(path));
}
