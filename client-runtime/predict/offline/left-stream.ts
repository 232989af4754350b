/*
 * What a page that is no more has done in one island, and the server may not have heard: said in its stead, under its
 * session, channel and numbers. Input: what was kept of it, and frames of the server. Output: its events, each once; what
 * became of those that were not applied; and the model with just those applied that have an outcome here.
 */

import { encodeAck, encodeEvent, encodeJoin, encodeVoid } from '../../../shared/wire/client-frames.ts';
import { framesPerAck } from '../../../shared/wire/frames.ts';
import { applyModel } from '../../../shared/wire/model-patch.ts';
import { carryOut, isRefused, type Operation, type OperationHandler } from '../../../shared/wire/patch.ts';
import type { ServerFrameHandler } from '../../../shared/wire/server-frames.ts';
import type { Channel, Connection } from '../../element/connection.ts';
import { createOutbox, type Outbox, type OutgoingEvent } from '../../element/outbox.ts';
import type { KeptStore } from './kept-store.ts';
import type { KeptStream } from './kept-stream.ts';
import type { ModelRecord, StreamRecord } from './records.ts';
import { tell } from './tell.ts';

export interface ShownModel {
  readonly epoch: string;
  readonly version: number;
  readonly model: unknown;
}

export interface LeftOptions {
  readonly store: KeptStore;
  readonly maxAgeMs: number;
  readonly maxLength: number;
  /** What is shown of it may have changed. */
  readonly onChange: () => void;
  /** Nothing of it waits any more. */
  readonly onDone: (stream: LeftStream) => void;
  /** The server takes it for somebody else's. */
  readonly onStrange: () => void;
  /** Nobody has answered for a while. */
  readonly onDead: () => void;
}

/** After so many looks an island that could not be had is asked for again. */
const retryLooks = 5;
/** Where so many sockets were lost without an answer to a join, nobody is taken to be there. */
const deadSockets = 3;

export class LeftStream implements Channel {
  readonly record: StreamRecord;
  events: readonly OutgoingEvent[] = [];
  isDone = false;
  /** What the server has said here last; undefined: it has told no model. */
  shown: ShownModel | undefined;
  /** The page's own connection, by which the server knows it. */
  readonly shared: Connection | undefined;
  private readonly kept: KeptStream;
  private readonly outbox: Outbox;
  private readonly options: LeftOptions;
  private readonly model: ModelRecord | undefined;
  private connection: Connection | undefined;
  private isJoined = false;
  private hasFailed = false;
  private looks = 0;
  /** Sockets that were lost since somebody has answered. */
  private lost = 0;
  private epoch = '';
  private version = 0;
  private settled = 0;

  /** @param shared Over which the page that left it said it, where that is this page. */
  constructor(
    kept: KeptStream,
    events: readonly OutgoingEvent[],
    model: ModelRecord | undefined,
    shared: Connection | undefined,
    options: LeftOptions,
  ) {
    this.record = kept.record;
    this.kept = kept;
    this.model = model;
    this.shared = shared;
    this.options = options;
    kept.onWritten = () => {
      this.flush();
      options.onChange();
    };
    this.outbox = createOutbox(
      (event, number) => this.transmit(event, number),
      () => {},
      (present) => {
        this.events = [...present];
        this.kept.update(present);
      },
      events.reduce((last, { number = 0 }) => Math.max(last, number), kept.record.last),
      [...events],
    );
    this.events = [...events];
  }

  /** What the server cannot know any more, and what is too old and was never said, is told and not done. */
  dropOld(): void {
    this.dropLost('unknown');
    this.drop('old', (event) => !event.number && this.kept.lossOf(event, this.options.maxAgeMs) === 'old');
  }

  private dropLost(why: 'unknown' | 'old'): void {
    this.drop(why, (event) => this.kept.lossOf(event, this.options.maxAgeMs) === why);
  }

  get keptEvents(): KeptStream['kept'] {
    return this.kept.kept;
  }

  /** Takes what is done now, while the server has yet to say who that is. */
  add(event: OutgoingEvent): boolean {
    const isAdded = !this.isDone && this.outbox.add(event);
    this.flush();
    return isAdded;
  }

  /** Begins to say what waits. */
  begin(connection: Connection): void {
    this.connection = connection;
    this.lost = 0;
    connection.add(this, this.record.channel);
    if (connection.isReady) this.join();
  }

  /** Somebody else says it, or nobody. @param isOver Not this one, later. */
  abandon(isOver = true): void {
    this.isDone = isOver;
    this.isJoined = false;
    this.shown = undefined;
    this.connection?.remove(this.record.channel, true);
    this.connection = undefined;
  }

  end(): void {
    if (this.isDone) return;
    this.isDone = true;
    // its page may have ended before it could forget them: another one asks again then
    this.connection?.remove(this.record.channel, true);
    void this.kept.end();
    this.options.onDone(this);
  }

  // How the connection reports.

  get unsettled(): number {
    return this.outbox.unsettled;
  }

  onFrame(): ServerFrameHandler<void> {
    return this.handler;
  }

  onOpen(isResumed: boolean): void {
    this.isJoined = false;
    if (isResumed || this.record.session === null) this.join();
    else this.options.onStrange();
  }

  onLost(code: string): void {
    this.isJoined = false;
    if (code || ++this.lost >= deadSockets) this.options.onDead();
  }

  onLook(): void {
    if (this.outbox.look() >= retryLooks) this.connection?.probe();
    if (this.hasFailed && !(++this.looks % retryLooks)) this.join();
  }

  onRoom(): void {
    this.flush();
  }

  onOutdated(): boolean {
    return false;
  }

  private flush(): void {
    if (this.isJoined) this.outbox.flush();
  }

  private transmit(event: OutgoingEvent | undefined, number: number): boolean | undefined {
    const { connection, record, epoch, version } = this;
    if (!connection) return false;
    if (event && !this.kept.mayTell(event, number, this.events)) return false;
    const { channel } = record;
    const frame = event
      ? encodeEvent(channel, number, epoch, version, event.place ?? { a: [0] }, event.hole, event.data)
      : encodeVoid(channel, number);
    if (!connection.takes(frame)) {
      tell('islet:refused', record.route, {
        code: 'ISLET_ERR_FRAME_TOO_BIG',
        message: undefined,
        event: undefined,
        what: event?.what,
      });
      return undefined;
    }
    return connection.mayTell() && connection.send(frame);
  }

  private join(): void {
    const { record, connection, model } = this;
    if (this.isDone || !connection) return;
    this.hasFailed = false;
    this.settled = this.outbox.settled;
    const { epoch = '', version = 0 } = this.shown ?? model ?? {};
    connection.send(encodeJoin(record.channel, record.route, {}, this.settled, [epoch, version, record.code]));
  }

  private drop(why: string, isLost: (event: OutgoingEvent) => unknown): void {
    const lost = this.outbox.drop(isLost);
    if (!lost[0]) return;
    const what = lost.flatMap((each) => each.what ?? []);
    tell('islet:dropped', this.record.route, { events: lost.length, why, targets: [], what });
  }

  // What the server says.

  private readonly ofOperation: OperationHandler<void> = {
    model: (...changes) => {
      if (this.shown) this.shown = { ...this.shown, model: applyModel(this.shown.model, changes) };
    },
    refused: (event, code, message) => {
      const [gone] = this.outbox.remove(({ number }) => number === event);
      if (gone) tell('islet:refused', this.record.route, { code, message, event, what: gone.what });
    },
  };

  private take(operations: readonly Operation[]): void {
    for (const operation of operations) carryOut(operation, this.ofOperation);
  }

  private arrive(
    epoch: string,
    version: number,
    event: number,
    shown: ShownModel | undefined,
    operations: readonly Operation[],
  ): void {
    const { connection, record } = this;
    if (!connection) return;
    connection.succeed();
    this.lost = 0;
    const [session, attempt, path] = connection.line;
    this.kept.setLine({ ...record, session, attempt, path });
    const isSame = this.epoch === epoch;
    this.epoch = epoch;
    this.version = version;
    this.shown = shown;
    this.take(operations);
    if (this.shown) this.shown = { ...this.shown, epoch, version };
    this.outbox.acknowledge(event);
    this.dropLost('unknown');
    this.dropLost('old');
    if (event < 0) {
      this.drop('unknown', ({ number }) => number);
      this.outbox.skip();
      this.isJoined = false;
    }
    this.outbox.flush(this.isJoined && isSame ? undefined : Math.max(this.settled, event) + 1);
    this.isJoined = true;
    this.changed();
  }

  private changed(): void {
    this.options.onChange();
    if (this.isJoined && !this.outbox.isBusy) this.end();
  }

  private readonly handler: ServerFrameHandler<void> = {
    live: (epoch, version, event, ...operations) => {
      const { model } = this;
      // it leads on from what was said to be here
      const before = this.shown ?? (model && { ...model, model: JSON.parse(model.model) });
      this.arrive(epoch, version, event, before, operations);
    },
    model: (epoch, version, event, model, ...operations) =>
      this.arrive(epoch, version, event, { epoch, version, model }, operations),
    // with other code there the model is none of this page's
    mount: (epoch, version, event, _nextId, _ids, _define, _content, ...operations) =>
      this.arrive(epoch, version, event, undefined, operations),
    patch: (operations, event) => {
      this.take(operations);
      if (!operations.every(isRefused)) {
        this.version++;
        if (this.shown) this.shown = { ...this.shown, version: this.version };
        if (this.version % framesPerAck === 0) this.connection?.send(encodeAck(this.record.channel, this.version));
      }
      if (event) {
        this.outbox.acknowledge(event);
        this.outbox.flush();
      }
      this.changed();
    },
    error: (code, message) => {
      this.isJoined = false;
      this.hasFailed = true;
      // what may not be seen any more, or is not there: nothing can be done there
      if (!/FORB|UNK|_ROUTE/.test(code)) return;
      for (const { what } of this.events)
        tell('islet:refused', this.record.route, { code, message, event: undefined, what });
      this.outbox.remove(() => true);
      this.end();
      this.options.onChange();
    },
  };
}
