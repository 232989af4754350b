/*
 * The bus over NATS: core, no JetStream, any nats-server from 2.9. The driver is the app's to install, and is loaded
 * only where this is used. Input: addresses and credentials. Output: a bus that is connected; when it is lost, it tries
 * again for ever.
 */

import { randomBytes } from 'node:crypto';
import type { NatsConnection } from '@nats-io/transport-node';
import { systemClock } from '../system-clock.ts';
import { type Bus, BusError } from './bus.ts';
import type { HearLine, Line, LineListener, LineState } from './line.ts';
import { LineBus } from './line-bus.ts';

/** How NATS is reached. */
export interface NatsBusOptions {
  /**
   * Where servers are: `nats://host:4222`, `tls://host`, with `user:password@` or `token@` before the host if need be;
   * several with commas between them, or in an array. One that is reached tells of the others of its cluster.
   */
  readonly url: string | readonly string[];
  /** The text of a `.creds` file (JWT and seed). Default: what the address has, or nothing. */
  readonly credentials?: string;
  /** For servers with certificates of one's own, as texts in PEM. Default: those that Node trusts, for `tls://`. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
  /**
   * What the subjects of this app begin with. Apps that share a server each have their own. Letters, digits, `_`, `-`.
   * Default `islet`.
   */
  readonly prefix?: string;
}

/** How long the first connection is tried for. */
const connectMs = 5_000;
const retryMs = 100;
/** A server that is silent is given up after two to two and a half seconds. */
const pingMs = 500;
const maxPingsOut = 4;
/** Longer texts go in parts, so that others are not kept waiting behind them. */
const maxPartBytes = 512 * 1024;
/** What a server takes at once must leave room for more than what stands before a part. */
const minPayloadBytes = 1_024;
/** How long what was said last may take to get out. */
const closeMs = 1_000;
/** What a server says in place of an answer. */
const noResponders = 503;

/**
 * Connects to NATS.
 *
 * @throws BusError (rejects) `unavailable` when no server can be reached, or none lets this app in; TypeError for
 *   options that cannot be meant.
 */
export async function natsBus(options: NatsBusOptions): Promise<Bus> {
  const { prefix = 'islet' } = options;
  if (!/^[\w-]+$/.test(prefix)) throw new TypeError(`prefix must be letters, digits, _ and -; got '${prefix}'`);
  const places = toPlaces(options.url);
  // caught here, a bundler leaves out a driver that is not installed
  const driver = await import('@nats-io/transport-node').catch((cause: unknown) => {
    throw new Error('natsBus needs the driver: npm install @nats-io/transport-node', { cause });
  });
  const { servers, user, pass, token, isTls } = places;
  const { credentials } = options;
  const open = (): Promise<NatsConnection> =>
    driver.connect({
      servers: [...servers],
      name: prefix,
      timeout: connectMs,
      maxReconnectAttempts: -1,
      reconnectTimeWait: retryMs,
      reconnectJitter: retryMs,
      pingInterval: pingMs,
      maxPingOut: maxPingsOut,
      // an account may be gone for a moment while servers are set up anew
      ignoreAuthErrorAbort: true,
      ...(credentials !== undefined && { authenticator: driver.credsAuthenticator(Buffer.from(credentials)) }),
      ...(user !== undefined && { user, pass: pass ?? '' }),
      ...(token !== undefined && { token }),
      ...((options.tls ?? isTls) && { tls: { ...options.tls } }),
    });
  const giveUpAt = performance.now() + connectMs;
  for (;;) {
    try {
      const connection = await open();
      const { max_payload: takes = 0 } = connection.info ?? {};
      if (takes < minPayloadBytes) {
        await connection.close();
        throw new TypeError(`max_payload of NATS must be at least ${minPayloadBytes} bytes; it is ${takes}`);
      }
      return new LineBus((listener) => new NatsLine(connection, prefix, listener), systemClock);
    } catch (cause) {
      if (cause instanceof TypeError) throw cause;
      const isRefused = cause instanceof driver.AuthorizationError;
      if (!isRefused && performance.now() < giveUpAt) {
        await new Promise((resolve) => setTimeout(resolve, retryMs));
        continue;
      }
      const why = cause instanceof Error ? cause.message : String(cause);
      throw new BusError('unavailable', `no connection to NATS at ${servers.join(', ')}: ${why}`, { cause });
    }
  }
}

interface Places {
  /** Without what is secret, so that they can be named. */
  readonly servers: readonly string[];
  readonly user?: string;
  readonly pass?: string;
  readonly token?: string;
  readonly isTls: boolean;
}

/** The driver reads no user out of an address. @throws TypeError */
function toPlaces(url: string | readonly string[]): Places {
  const texts = (typeof url === 'string' ? [url] : url).flatMap((each) => each.split(',')).map((each) => each.trim());
  const urls = texts.filter((each) => each !== '').map((each) => toUrl(each));
  const [first] = urls;
  if (first === undefined) throw new TypeError('natsBus needs an address, such as nats://127.0.0.1:4222');
  const named = urls.find(({ username }) => username !== '');
  const [user, pass] = [named?.username, named?.password].map((each) => decodeURIComponent(each ?? ''));
  return {
    servers: urls.map(({ hostname, port }) => `${hostname}:${port === '' ? 4222 : port}`),
    isTls: urls.some(({ protocol }) => protocol === 'tls:'),
    ...(user && (pass ? { user, pass } : { token: user })),
  };
}

function toUrl(text: string): URL {
  const whole = /^\w+:\/\//.test(text) ? text : `nats://${text}`;
  if (/^(nats|tls):\/\/./.test(whole) && URL.canParse(whole)) return new URL(whole);
  // what stands before the host may be secret
  throw new TypeError(
    `an address of NATS is like nats://host:4222 or tls://host; got '${text.replace(/.*@/, '...@')}'`,
  );
}

class NatsLine implements Line {
  readonly name = randomBytes(9).toString('base64url');
  state: LineState = 'connected';
  private readonly connection: NatsConnection;
  private readonly prefix: string;
  private readonly inbox: string;
  private readonly listener: LineListener;

  constructor(connection: NatsConnection, prefix: string, listener: LineListener) {
    this.connection = connection;
    this.prefix = prefix;
    this.listener = listener;
    this.inbox = `${prefix}.answer.${this.name}`;
    connection.subscribe(`${this.inbox}.*`, {
      callback: (error, message) => {
        if (error) return;
        const question = Number(message.subject.slice(this.inbox.length + 1));
        if (message.headers?.code === noResponders) listener.onNobody(question);
        else listener.onAnswer(question, message.string());
      },
    });
    this.watch().catch((error: unknown) => listener.onError(error));
  }

  get partBytes(): number {
    return Math.min(maxPartBytes, this.connection.info?.max_payload ?? maxPartBytes);
  }

  publish(subject: string, text: string, question?: number): void {
    const reply = question === undefined ? undefined : { reply: `${this.inbox}.${question}` };
    this.connection.publish(`${this.prefix}.${subject}`, text, reply);
  }

  answer(asker: string, text: string): void {
    this.connection.publish(asker, text);
  }

  subscribe(subject: string, hear: HearLine): () => void {
    const subscription = this.connection.subscribe(`${this.prefix}.${subject}`, {
      // what it would throw ends the driver's reading for good: the bus above catches all that
      callback: (error, message) => {
        if (!error) hear(message.string(), message.reply || undefined);
      },
    });
    return () => subscription.unsubscribe();
  }

  async flush(): Promise<void> {
    await this.connection.flush();
  }

  async close(): Promise<void> {
    // what was said last gets out, if anything does
    const isOver = new Promise((resolve) => setTimeout(resolve, closeMs).unref());
    if (this.state === 'connected') await Promise.race([this.connection.flush().catch(() => {}), isOver]);
    this.state = 'closed';
    await this.connection.close();
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.setState('lost');
      else if (status.type === 'reconnect') this.setState('connected');
      else if (status.type === 'close') this.setState('closed');
      else if (status.type === 'error') this.listener.onError(status.error);
    }
  }

  private setState(state: LineState): void {
    if (this.state === 'closed' || this.state === state) return;
    this.state = state;
    this.listener.onState(state);
  }
}
