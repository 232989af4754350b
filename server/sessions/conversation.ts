/*
 * What is said over one open connection, from its hello to its end. Input: frames of a page, hostile until they are
 * decoded. Output: to the session's islands (`island-frames.ts`); answers to the page. A client that breaks a rule gets
 * an error's code; where the connection cannot go on, it is closed. No other client notices. Frames are carried by the
 * transport.
 */

import { closeCode, type ErrorCode, errorCatalogue } from '../../shared/language/errors.ts';
import { decodeClientFrame } from '../../shared/wire/client-frames.ts';
import type { ClientFrame } from '../../shared/wire/frames.ts';
import { encodeServerFrame } from '../../shared/wire/server-frames.ts';
import { countClosed, countRefusal } from '../inspect/counters.ts';
import { Tally } from '../inspect/tally.ts';
import { accountOf } from '../limits/account.ts';
import type { RouteParams } from '../options.ts';
import type { SharedFrame, Transport, TransportListener } from '../transport/transport.ts';
import { Holds } from './holds.ts';
import { IslandFrames, type IslandFramesOwner } from './island-frames.ts';
import type { JoinContext } from './join.ts';
import type { Outlet, Session } from './session.ts';
import type { Moved } from './session-moves.ts';
import type { RightsChange } from './sessions.ts';
import { Unread } from './unread.ts';

export interface ConversationContext extends JoinContext {
  /** The connection has ended. */
  onEnd(conversation: Conversation): void;
}

/** How long a page may take to say hello. */
const helloMs = 10_000;
/** Whoever is not read for so long may be gone meanwhile. */
const longHoldMs = 100;

type HelloFrame = Extract<ClientFrame, { kind: 'hello' }>;

export class Conversation implements TransportListener, Outlet, IslandFramesOwner {
  readonly context: ConversationContext;
  private readonly transport: Transport;
  private readonly user: unknown;
  readonly account: string;
  readonly tally: Tally;
  /** Id of the client; undefined before its hello. */
  private client: string | undefined;
  /** What the peer has not read, once that was much. */
  private unread: Unread | undefined;
  private session: Session | undefined;
  /** What it says of the session's islands. */
  private islands: IslandFrames | undefined;
  /** Opened straight to a component: nobody learns the session's name, so nobody can come back to it. */
  private isDirect = false;
  /** Whether anything was heard since the last heartbeat. */
  private isAlive = true;
  private isDeaf = false;
  /** Frames that came while another process was asked for the session. */
  private early: string[] | undefined;
  /** Runs until the hello. */
  private timer: unknown;
  /** Why nothing is read from the peer just now. */
  private holds: Holds | undefined;

  /** @param user Whom the connection was accepted for. */
  constructor(transport: Transport, user: unknown, context: ConversationContext) {
    this.transport = transport;
    this.user = user;
    this.context = context;
    this.tally = new Tally(context.settings.clock.now());
    context.registry.counters.connections.opened++;
    this.account = accountOf(transport.address, user, context.settings.userKey);
    transport.listen(this);
  }

  /** Begins with a hello, which is waited for. */
  awaitHello(): void {
    this.timer = this.context.settings.clock.setTimeout(() => this.close('ISLET_ERR_HELLO_EXPECTED'), helloMs);
  }

  /** Begins with a join, without a hello: a socket opened straight to a component. */
  joinDirectly(route: string, attributes: RouteParams): void {
    this.isDirect = true;
    const islands = this.begin(this.context.sessions.create(0, this.user, this, true));
    islands.join({ kind: 'join', channel: 1, route, attributes, settled: 0, have: undefined });
  }

  // The connection, for those who count it and for the session.

  get address(): string {
    return this.transport.address;
  }

  get isOpen(): boolean {
    return this.transport.isOpen;
  }

  get isFull(): boolean {
    return this.transport.isFull;
  }

  send(frame: string | SharedFrame): void {
    const { transport } = this;
    transport.send(frame);
    if (!Unread.isWorthCounting(transport)) return;
    this.unread ??= new Unread(transport, this.context.registry.budgets, this.account, () =>
      this.cut('ISLET_ERR_LIMIT_UNREAD'),
    );
    this.unread.note();
  }

  onceDrained(callback: () => void): void {
    this.transport.onceDrained(callback);
  }

  /** Asks whether the peer is still there; ends the connection if it did not answer the last time. */
  checkAlive(): void {
    if (!this.isAlive) this.transport.terminate();
    this.isAlive = false;
    this.transport.ping();
    this.islands?.tidy();
  }

  end(code: ErrorCode): void {
    // it is no longer this connection's, whose end is none of it
    this.session = undefined;
    this.close(code);
    this.endSession();
  }

  /** Takes islands that are meant from the page, and those that are about to be joined. */
  revoke(isMeant: RightsChange, redirect: string | undefined): void {
    this.islands?.revoke(isMeant, redirect);
  }

  private endSession(): void {
    this.islands?.letGo();
    this.islands = undefined;
    this.session = undefined;
  }

  /** Sends an error and ends the connection, and with it what is under way. */
  close(code: ErrorCode): void {
    this.refuse(0, code);
    this.islands?.letGo();
    this.tally.why ??= code;
    this.transport.close(closeCode(code) ?? 1008, code);
  }

  /** The server is stopping: what comes now is for another. */
  stopHearing(): void {
    this.isDeaf = true;
    this.islands?.letGo();
  }

  /** Ends the connection of a user who is meant, whether it has said hello or not. */
  disconnect(isMeant: (user: unknown) => boolean): void {
    if (this.isOpen && isMeant(this.user)) this.close('ISLET_ERR_DISCONNECTED');
  }

  /** Ends the connection of a peer who would hear no code, since it does not read. */
  private cut(code: ErrorCode): void {
    this.note(code);
    this.tally.why ??= code;
    this.terminate();
  }

  /** Ends the connection without waiting for the peer. */
  terminate(): void {
    this.transport.terminate();
  }

  // What comes from the transport.

  onText(text: string, bytes: number): void {
    this.isAlive = true;
    if (this.isDeaf) return;
    const { clock, limits } = this.context.settings;
    const startedAt = clock.now();
    if (bytes > limits.maxFrameBytes) this.close('ISLET_ERR_FRAME_TOO_BIG');
    else if (this.early) this.early.push(text);
    else this.receive(text, startedAt);
    const endedAt = clock.now();
    const ms = this.context.registry.fairShare.note(this.account, endedAt - startedAt, endedAt);
    const { transport } = this;
    if (!transport.isOpen) return;
    if (ms > 0) {
      // what is not read does not say that its peer has hung up: a write does
      if (ms >= longHoldMs) transport.ping();
      this.hold().add('share', (release) => clock.setTimeout(release, ms));
    }
    // who does not read the answers is asked nothing more: they would pile up
    if (transport.isFull) this.hold().add('answers', (release) => transport.onceDrained(release));
  }

  onBinary(): void {
    this.close('ISLET_ERR_FRAME_BINARY');
  }

  onAlive(): void {
    this.isAlive = true;
  }

  onError({ code, name }: Error & { readonly code?: string }): void {
    this.tally.problem ??= code ?? name;
  }

  onClose(code: number): void {
    const { session, context } = this;
    context.settings.clock.clearTimeout(this.timer);
    this.endSession();
    this.unread?.end();
    context.onEnd(this);
    const { counters, inspector } = context.registry;
    countClosed(counters, code);
    inspector.tell(this.tally.end(this.client, code, context.settings.clock.now()));
    if (session?.outlet !== this) return;
    if (this.isDirect) context.sessions.finish(session);
    // 1001 is how a browser takes leave that closes a page or goes to another
    else context.sessions.detach(session, code === 1001);
  }

  private hold(): Holds {
    this.holds ??= new Holds(this.transport);
    return this.holds;
  }

  // Frames.

  private receive(text: string, now = this.context.settings.clock.now()): void {
    const frame = decodeClientFrame(text, this.context.settings.limits);
    this.tally.frames++;
    if (frame === null) this.close('ISLET_ERR_FRAME_MALFORMED');
    else if (frame === 'deep') this.close('ISLET_ERR_FRAME_TOO_DEEP');
    else if (frame === 'version') this.close('ISLET_ERR_PROTOCOL_VERSION');
    else if (frame.kind === 'hello') this.greet(frame);
    else if (frame.kind === 'probe') this.send(encodeServerFrame(frame));
    else if (!this.islands) this.close('ISLET_ERR_HELLO_EXPECTED');
    else this.islands.handle(frame, now);
  }

  private greet(hello: HelloFrame): void {
    if (this.session) this.close('ISLET_ERR_FRAME_MALFORMED');
    else {
      const { sessions, settings } = this.context;
      settings.clock.clearTimeout(this.timer);
      this.timer = undefined;
      const moving = sessions.fetch(hello, this.user);
      if (moving) this.awaitSession(hello, moving);
      else this.welcome(hello);
    }
  }

  /** Another process may have the session: what the page says meanwhile waits, and no more is read. */
  private awaitSession(hello: HelloFrame, moving: Promise<Moved>): void {
    this.early = [];
    this.hold().add('session', (release) => {
      void moving.then((moved) => {
        const { early = [] } = this;
        this.early = undefined;
        release();
        if (!this.isOpen || this.isDeaf) return;
        if (moved === 'late') this.close('ISLET_ERR_SESSION_TAKEN');
        else this.welcome(hello);
        for (const text of early) if (this.isOpen) this.receive(text);
      });
    });
  }

  private welcome(hello: HelloFrame): void {
    const { sessions } = this.context;
    const { user } = this;
    const session =
      sessions.resume(hello, user, this) ??
      sessions.takeUp(hello, user, this) ??
      sessions.create(hello.attempt, user, this);
    if (session === 'late') this.close('ISLET_ERR_SESSION_TAKEN');
    else this.answerHello(session);
  }

  private begin(session: Session): IslandFrames {
    this.session = session;
    this.client = session.client.id;
    this.islands = new IslandFrames(session, this);
    return this.islands;
  }

  private answerHello(session: Session): void {
    this.begin(session);
    // the page's joins come in the same packet: their answers go out with this one
    this.transport.cork();
    const { maxFrameBytes, maxEventsPerSecond } = this.context.settings.limits;
    const { id } = session;
    this.send(encodeServerFrame({ kind: 'hello', channel: 0, session: id, maxFrameBytes, maxEventsPerSecond }));
  }

  /** Tells an error of a channel; of channel 0, the connection itself. */
  refuse(channel: number, code: ErrorCode): void {
    this.note(code);
    this.send(encodeServerFrame({ kind: 'error', channel, code, message: errorCatalogue[code].message }));
  }

  /** An event of the session was refused. */
  onRefused(code: ErrorCode): void {
    this.note(code);
  }

  private note(code: ErrorCode): void {
    this.tally.refused++;
    countRefusal(this.context.registry.counters, code);
  }
}
