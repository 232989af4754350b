// A server that says what a test wants and nothing else: a page with the element, and real sockets whose frames the
// test reads and writes by itself.
// `await using server = await startScripted('<server-component ...></server-component>');`

import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';
import { decodeClientFrame } from '../../shared/wire/client-frames.ts';
import type { ClientFrame, ServerFrame } from '../../shared/wire/frames.ts';
import { encodeServerFrame } from '../../shared/wire/server-frames.ts';

type FrameOf<Kind extends ClientFrame['kind']> = Extract<ClientFrame, { kind: Kind }>;
type Limits = { readonly maxFrameBytes?: number };

const script = new URL('../../public/build/element.js', import.meta.url);

/** One socket of the page. */
export class ScriptedSocket {
  readonly frames: ClientFrame[] = [];
  readonly closed: Promise<number>;
  private readonly socket: WebSocket;
  private read = 0;
  private wake = (): void => {};

  constructor(socket: WebSocket) {
    this.socket = socket;
    this.closed = new Promise((resolve) => socket.on('close', resolve));
    socket.on('message', (data: Buffer) => {
      const frame = decodeClientFrame(data.toString(), { maxDepth: 100 });
      if (frame === null || typeof frame === 'string') throw new Error(`no frame of the protocol: ${data}`);
      this.frames.push(frame);
      this.wake();
    });
  }

  /** The next frame of a kind, of those not read yet; others are passed over. */
  async next<Kind extends ClientFrame['kind']>(kind: Kind): Promise<FrameOf<Kind>> {
    for (;;) {
      const frame = this.frames[this.read++];
      if (frame?.kind === kind) return frame as FrameOf<Kind>;
      if (frame) continue;
      this.read--;
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
  }

  /** Frames that came and were not read yet; they count as read. */
  rest(): ClientFrame[] {
    const frames = this.frames.slice(this.read);
    this.read = this.frames.length;
    return frames;
  }

  send(...frames: ServerFrame[]): void {
    for (const frame of frames) this.socket.send(encodeServerFrame(frame));
  }

  /** Waits for the page's hello and answers it; resolves to what the hello said. */
  async greet(session = 's-1', { maxFrameBytes = 65_536 }: Limits = {}): Promise<FrameOf<'hello'>> {
    const hello = await this.next('hello');
    this.send({ kind: 'hello', channel: 0, session, maxFrameBytes, maxEventsPerSecond: 100 });
    return hello;
  }

  close(code: number, reason = ''): void {
    this.socket.close(code, reason);
  }

  /** Ends the connection without a word, as a lost network does. */
  cut(): void {
    this.socket.terminate();
  }

  /** Reads nothing more, so that it answers no close either. */
  freeze(): void {
    this.socket.pause();
  }
}

export interface ScriptedServer extends AsyncDisposable {
  readonly url: string;
  /** How many sockets the page has opened. */
  readonly sockets: number;
  /** How often the page was asked for. */
  readonly pages: number;
  /** The next socket that the page opens, or has opened already. */
  accept(): Promise<ScriptedSocket>;
}

/** Starts it. It closes itself at the end of the block that holds it. @param body What stands in the page. */
export async function startScripted(body: string): Promise<ScriptedServer> {
  const sockets: ScriptedSocket[] = [];
  let accepted = 0;
  let pages = 0;
  let wake = (): void => {};
  const code = readFileSync(script);
  const server = createServer(({ url }, answer) => {
    if (url === '/element.js') answer.setHeader('content-type', 'text/javascript').end(code);
    // what it loads later
    else if (/-[\da-f]{10}\.js$/.test(`${url}`)) {
      answer.setHeader('content-type', 'text/javascript').end(readFileSync(new URL(`.${url}`, script)));
    } else if (url === '/') {
      pages++;
      const head = '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">';
      answer
        .setHeader('content-type', 'text/html')
        .end(`${head}<body>${body}<script type="module" src="/element.js"></script></body>`);
    } else answer.writeHead(404).end();
  });
  const webSockets = new WebSocketServer({ server });
  webSockets.on('connection', (socket) => {
    sockets.push(new ScriptedSocket(socket));
    wake();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get sockets() {
      return sockets.length;
    },
    get pages() {
      return pages;
    },
    async accept() {
      while (accepted === sockets.length) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      }
      return sockets[accepted++] as ScriptedSocket;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.cut();
      webSockets.close();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
