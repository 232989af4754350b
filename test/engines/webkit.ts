// WebKitGTK as an engine: its MiniBrowser on a screen of its own (Xvfb), through its driver, which speaks WebDriver
// over HTTP. A session has one current window and takes one command at a time, so commands to windows wait for each
// other.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../support/free-port.ts';
import type { Engine, EngineWindow, Key } from './engine.ts';

/** WebDriver's code points for keys. */
const keys: Record<Key, string> = { Home: '\uE011', ArrowRight: '\uE014', Enter: '\uE007' };

/** Starts screen, driver and browser. All of them end with the block that holds the engine. */
export async function launchWebKit(driverPath: string): Promise<Engine> {
  await using started = new AsyncDisposableStack();
  const screen = spawn('Xvfb', ['-displayfd', '1', '-screen', '0', '1280x1000x24', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.defer(() => end(screen));
  const [display] = await once(screen.stdout, 'data');
  const port = await freePort();
  const driver = spawn(driverPath, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: `:${String(display).trim()}`, LIBGL_ALWAYS_SOFTWARE: '1' },
    stdio: 'ignore',
  });
  started.defer(() => end(driver));
  const session = await openSession(`http://127.0.0.1:${port}`);
  started.defer(async () => {
    await session('DELETE', '');
  });
  const first = String(await session('GET', '/window'));
  const all = started.move();
  return {
    newWindow: () => openWindow(session, first),
    kill() {
      driver.kill('SIGKILL');
      // the browser ends with its screen
      screen.kill('SIGKILL');
    },
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

/** Sends a command of the session, and resolves to its value. */
type Session = (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object, window?: string) => Promise<unknown>;

async function openSession(url: string): Promise<Session> {
  const { sessionId } = (await whenListening(() => command('POST', `${url}/session`, { capabilities: {} }))) as {
    sessionId: string;
  };
  let last: Promise<unknown> = Promise.resolve();
  let current: string | undefined;
  return (method, path, body, window) => {
    const run = async (): Promise<unknown> => {
      if (window !== undefined && window !== current) {
        await whenThere(() => command('POST', `${url}/session/${sessionId}/window`, { handle: window }));
        current = window;
      }
      return command(method, `${url}/session/${sessionId}${path}`, body);
    };
    const value = last.then(run);
    last = value.catch(() => {});
    return value;
  };
}

/** Only a window can open another: `first` stays open as long as the session. */
async function openWindow(session: Session, first: string): Promise<EngineWindow> {
  const { handle } = (await session('POST', '/window/new', { type: 'window' }, first)) as { handle: string };
  const post = async (path: string, body: object = {}): Promise<unknown> => session('POST', path, body, handle);
  const act = async (source: object): Promise<void> => {
    await post('/actions', { actions: [source] });
  };
  const pressAll = (values: string[]): Promise<void> =>
    act({
      type: 'key',
      id: 'keyboard',
      actions: values.flatMap((value) => [
        { type: 'keyDown', value },
        { type: 'keyUp', value },
      ]),
    });
  return {
    async goto(url) {
      await post('/url', { url });
    },
    async reload() {
      await post('/refresh');
    },
    // a script that goes back would take its window's process away, and the answer to the next command with it
    async back() {
      await post('/back');
    },
    async evaluate<Args extends readonly unknown[], Result>(
      run: (...args: Args) => Result,
      ...args: Args
    ): Promise<Awaited<Result>> {
      const script = `return (${run}).apply(null, arguments)`;
      return (await post('/execute/sync', { script, args })) as Awaited<Result>;
    },
    clickAt: (x, y) =>
      act({
        type: 'pointer',
        id: 'mouse',
        parameters: { pointerType: 'mouse' },
        actions: [
          { type: 'pointerMove', duration: 0, origin: 'viewport', x: Math.round(x), y: Math.round(y) },
          { type: 'pointerDown', button: 0 },
          { type: 'pointerUp', button: 0 },
        ],
      }),
    type: (text) => pressAll(Array.from(text)),
    press: (key) => pressAll([keys[key]]),
    async close() {
      await session('DELETE', '/window', undefined, handle);
    },
  };
}

async function command(method: string, url: string, body?: object): Promise<unknown> {
  // a command that the browser never answers is named, instead of the test that waits for it
  const signal = AbortSignal.timeout(45_000);
  const response = await fetch(url, { method, signal, ...(body && { body: JSON.stringify(body) }) }).catch((error) => {
    throw signal.aborted ? new Error(`${method} ${new URL(url).pathname} has no answer`, { cause: error }) : error;
  });
  const { value } = (await response.json()) as { value: unknown };
  if (!response.ok) throw new Error(`${method} ${new URL(url).pathname}: ${JSON.stringify(value)}`);
  return value;
}

/** The driver says nothing when it listens. */
const whenListening = (send: () => Promise<unknown>) => retry(send, (error) => error instanceof TypeError);
/** A new window is known a moment after its handle. */
const whenThere = (send: () => Promise<unknown>) => retry(send, (error) => String(error).includes('no such window'));

async function retry(send: () => Promise<unknown>, isPassing: (error: unknown) => boolean): Promise<unknown> {
  for (let left = 200; ; left--) {
    try {
      return await send();
    } catch (error) {
      if (left === 0 || !isPassing(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill();
  await once(child, 'exit');
}
