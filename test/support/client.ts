// A client of the wire that is not the element: it says what a test wants, well-formed or not, and keeps what comes.
// Input: a server's address. Output: frames as `shared/wire/server-frames.ts` decodes them, and the texts they came as.

import { type ClientOptions, WebSocket } from 'ws';
import { encodeClientFrame } from '../../shared/wire/client-frames.ts';
import { isInstance, slotsOf, type WireContent } from '../../shared/wire/content.ts';
import type { AttributeTexts, ClientFrame, Have, ServerFrame } from '../../shared/wire/frames.ts';
import { carryOut, isRefused, type Operation } from '../../shared/wire/patch.ts';
import { decodeServerFrame } from '../../shared/wire/server-frames.ts';

type Kind = ServerFrame['kind'];
type FrameOf<K extends string, Frame = ServerFrame> = Extract<Frame, { kind: K }>;

export interface JoinOptions {
  readonly channel?: number;
  readonly attributes?: AttributeTexts;
  /** Number of the last event that needs no answer any more; it goes on from there. */
  readonly settled?: number;
  readonly have?: Have | undefined;
}

/** What a client knows of an island. */
interface Followed {
  epoch: string;
  version: number;
  /** Id of the outermost instance, and what its holes hold. */
  root: number;
  slots: unknown[];
  /** Number of the last event that was sent. */
  number: number;
}

/** How a connection ended. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** Numbers of the last hellos that were answered, by session. */
const hellos = new Map<string | null, number>();

export class TestClient {
  readonly socket: WebSocket;
  /** Each frame that came, in order, as text. */
  readonly texts: string[] = [];
  readonly frames: ServerFrame[] = [];
  /** Both directions in order: `→ ` before what was sent, `← ` before what came. */
  readonly transcript: string[] = [];
  /** Resolves when the connection has ended, however that came. */
  readonly closed: Promise<Closing>;
  /** What the client has of each island, by channel. */
  private readonly islands = new Map<number, Followed>();
  private read = 0;
  private wake: () => void = () => {};
  private isClosed = false;

  constructor(url: string, options: ClientOptions = {}) {
    this.socket = new WebSocket(url, options);
    this.socket.on('message', (data: Buffer) => this.receive(data.toString()));
    this.socket.on('error', () => {}); // told by `closed`, and by `opened` where it never opened
    this.closed = new Promise((resolve) => {
      this.socket.on('close', (code, reason) => {
        this.isClosed = true;
        this.wake();
        resolve({ code, reason: reason.toString() });
      });
    });
  }

  /** Resolves when the socket is open. @throws Error that names the HTTP status when it was refused. */
  async opened(): Promise<this> {
    if (this.socket.readyState === WebSocket.OPEN) return this;
    await new Promise<void>((resolve, reject) => {
      this.socket.once('open', resolve);
      this.socket.once('error', reject);
    });
    return this;
  }

  send(frame: ClientFrame | string | Buffer): void {
    const data = typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : encodeClientFrame(frame);
    this.transcript.push(`→ ${data}`);
    this.socket.send(data);
  }

  /** Says hello, by default as the next of those with this session; resolves to the session's id. */
  async hello(session: string | null = null, attempt = 1 + (hellos.get(session) ?? 0)): Promise<string> {
    this.send({ kind: 'hello', channel: 0, session, attempt });
    const { session: given } = await this.next('hello');
    hellos.set(given, attempt);
    return given;
  }

  /** Joins an island; resolves to the answer. */
  async join(route: string, options: JoinOptions = {}): Promise<FrameOf<'mount'> | FrameOf<'live'> | FrameOf<'error'>> {
    const { channel = 1, attributes = {}, settled = 0, have } = options;
    const [epoch = '', version = -1] = have ?? [];
    this.islands.set(channel, { epoch, version, root: 1, slots: [], ...this.islands.get(channel), number: settled });
    this.send({ kind: 'join', channel, route, attributes, settled, have });
    return this.nextOf((frame) => frame.channel === channel && ['mount', 'live', 'error'].includes(frame.kind));
  }

  /** Asks which attributes of a route's component count, without joining it. */
  async askAttributes(route: string, channel = 1): Promise<readonly string[]> {
    this.send({ kind: 'join', channel, route, attributes: null, settled: 0, have: undefined });
    return (await this.next('attributes', channel)).names;
  }

  /** Reports an event at a hole of an island's root, or of another instance, with the next number or one of its own. */
  click(
    hole = 0,
    { channel = 1, ...fields }: Partial<Omit<FrameOf<'event', ClientFrame>, 'kind' | 'hole'>> = {},
  ): void {
    const { epoch = '', version = 0, root = 1, number = 0 } = this.islands.get(channel) ?? {};
    const event = {
      epoch,
      version: Math.max(0, version),
      instance: root,
      number: number + 1,
      data: undefined,
      ...fields,
    };
    const island = this.islands.get(channel);
    if (island) island.number = Math.max(number, event.number);
    this.send({ kind: 'event', channel, hole, ...event });
  }

  /** The next frame of a kind, of those not read yet; others are passed over. */
  async next<K extends Kind>(kind: K, channel?: number): Promise<FrameOf<K>> {
    return this.nextOf(
      (frame) => frame.kind === kind && (channel === undefined || ('channel' in frame && frame.channel === channel)),
    );
  }

  /** Frames that came and were not read yet; they count as read. */
  rest(): ServerFrame[] {
    const frames = this.frames.slice(this.read);
    this.read = this.frames.length;
    return frames;
  }

  /** Forgets what was said, where hours of it would be too much to keep. What islands show stays. */
  forget(): void {
    for (const kept of [this.texts, this.frames, this.transcript]) kept.length = 0;
    this.read = 0;
  }

  /** Shows what an earlier connection of the same page showed. */
  goOn(earlier: TestClient): void {
    for (const [channel, island] of earlier.islands) this.islands.set(channel, { ...island });
  }

  /** What the holes of an island's root show now. */
  slots(channel = 1): readonly unknown[] {
    return this.islands.get(channel)?.slots ?? [];
  }

  /** The version that the client has of an island. */
  version(channel = 1): number {
    return this.islands.get(channel)?.version ?? -1;
  }

  /** What this client would say it has when it joins again. */
  have(channel = 1, templates = 1): Have {
    const { epoch = '', version = 0 } = this.islands.get(channel) ?? {};
    return [epoch, version, templates];
  }

  /** Resolves when a frame has come after which the condition holds. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await this.arrival();
  }

  /**
   * Resolves when the server has handled everything sent so far, and what it sent at once has come: it answered a ping.
   * It renders after the step in which it handles an event, so that only the answer to a second one is late enough.
   */
  async handled(): Promise<void> {
    for (let round = 0; round < 2; round++) {
      this.socket.ping();
      await new Promise((resolve) => this.socket.once('pong', resolve));
    }
  }

  async close(): Promise<void> {
    this.socket.close();
    await this.closed;
  }

  /** Ends the connection without a word, as a lost network does. */
  async vanish(): Promise<void> {
    this.socket.terminate();
    await this.closed;
  }

  async nextOf<Frame extends ServerFrame>(isWanted: (frame: Frame & { channel: number }) => boolean): Promise<Frame> {
    for (;;) {
      while (this.read < this.frames.length) {
        const frame = this.frames[this.read++] as Frame & { channel: number };
        if (isWanted(frame)) return frame;
      }
      await this.arrival();
    }
  }

  private async arrival(): Promise<void> {
    if (this.isClosed) throw new Error(`the connection ended; what came last: ${this.texts.slice(-3).join(' ')}`);
    await new Promise<void>((resolve) => {
      const wakeOthers = this.wake;
      this.wake = () => {
        wakeOthers();
        resolve();
      };
    });
  }

  private receive(text: string): void {
    const frame = decodeServerFrame(text);
    if (frame === undefined) throw new Error(`no frame of the protocol: ${text}`);
    this.texts.push(text);
    this.transcript.push(`← ${text}`);
    this.frames.push(frame);
    this.follow(frame);
    const { wake } = this;
    this.wake = () => {};
    wake();
  }

  /** Keeps what an island's root shows up to date, as far as tests look at it. */
  private follow(frame: ServerFrame): void {
    // a socket that was opened straight to a component has said no join
    const island = this.islands.get(frame.channel) ?? { epoch: '', version: -1, root: 1, slots: [], number: 0 };
    this.islands.set(frame.channel, island);
    if (frame.kind === 'mount') {
      const { epoch, version, ids, content, operations } = frame;
      Object.assign(island, { epoch, version, root: ids[0] ?? 0, slots: slotsIn(content) });
      follow(operations, island);
    } else if (frame.kind === 'live') {
      const { epoch, version, operations } = frame;
      Object.assign(island, { epoch, version });
      follow(operations, island);
    } else if (frame.kind === 'part') {
      island.version = frame.version;
      if (frame.instance === island.root) island.slots = slotsIn(frame.content);
    } else if (frame.kind === 'patch') {
      if (!frame.operations.every(isRefused)) island.version++;
      follow(frame.operations, island);
    }
  }
}

function slotsIn(content: WireContent): unknown[] {
  return Array.isArray(content) && isInstance(content) ? slotsOf(content) : [];
}

function follow(operations: readonly Operation[], { root, slots }: Followed): void {
  const set = (instance: number, hole: number, value: unknown): void => {
    if (instance === root) slots[hole] = value;
  };
  for (const operation of operations) carryOut(operation, { set });
}
