/*
 * What was left by pages of this browser that are no more, and by islands that this page no longer has. A page has a lock
 * for as long as it lives: whoever gets that lock next has what it left, alone. Input: pages that end, at once or later.
 * Output: their streams, said to the server once it can be reached; of one route one after the other, others at the same
 * time: where one cannot be said, those of other routes do not wait for it.
 */

import { type Connection, connect } from '../../element/connection.ts';
import type { OutgoingEvent } from '../../element/outbox.ts';
import type { KeptStore } from './kept-store.ts';
import { KeptStream } from './kept-stream.ts';
import { type LeftOptions, LeftStream } from './left-stream.ts';
import { modelId } from './records.ts';

/** More hellos than any page says: a late one of the page that is no more takes nothing. */
const manyHellos = 1_000_000;

interface Group {
  readonly connection: Connection;
  /** Those that have begun. */
  readonly streams: LeftStream[];
  /** The page's own islands speak over it, too. */
  readonly isShared: boolean;
}

const lockOf = (page: string): string => `islet page ${page}`;

export class LeftPages {
  /** This page. */
  readonly page = crypto.randomUUID();
  /** What was left and waits, in the order in which it is said. */
  streams: readonly LeftStream[] = [];
  /** Where this page's own islands of a route have their socket. */
  readonly paths = new Map<string, string>();
  private readonly options: Pick<LeftOptions, 'store' | 'maxAgeMs' | 'maxLength'>;
  private readonly store: KeptStore;
  private readonly onChange: () => void;
  private readonly asked = new Set<string>();
  /** What lets other pages have what was left by a page. */
  private readonly releases = new Map<string, () => void>();
  private readonly channel = new BroadcastChannel('islet pages');
  private person: string | undefined;
  private taking: Promise<unknown> = Promise.resolve();
  private mayGo = false;
  /** Left by this page, whose person is to be told yet. */
  private parked: readonly LeftStream[] = [];
  /** What is being said now. */
  private groups: readonly Group[] = [];

  constructor(options: Pick<LeftOptions, 'store' | 'maxAgeMs' | 'maxLength'>, onChange: () => void) {
    this.store = options.store;
    this.options = options;
    this.onChange = onChange;
    this.asked.add(this.page);
    this.channel.onmessage = ({ data }) => void this.wait(String(data), false);
  }

  /** Others can tell from now on that this page lives. */
  async live(): Promise<void> {
    await hold(lockOf(this.page), {});
    this.channel.postMessage(this.page);
  }

  /** Takes what the person's pages have left that are no more; those that live are waited for. */
  take(person: string): Promise<unknown> {
    if (this.person !== undefined && this.person !== person) this.forget();
    this.person = person;
    const [mine, others] = [this.parked.filter((each) => each.record.person === person), this.parked];
    this.parked = [];
    for (const stream of others) if (!mine.includes(stream)) this.discard(stream);
    this.streams = [...this.streams, ...mine];
    // islands of one page ask at the same time
    this.taking = this.taking.then(async () => {
      const found = [...(await this.store.readStreams())].sort((one, other) => one.at - other.at);
      for (const page of new Set(found.map((each) => each.page))) await this.wait(page, true);
    });
    return this.taking;
  }

  /** The server can be reached. */
  go(): void {
    this.mayGo = true;
    this.next();
  }

  /**
   * Goes on with what an island has left: it is no more, or its connection is another.
   *
   * @param connection Over which its numbers are known still; undefined: it is to be found out whose they are now.
   */
  async park(kept: KeptStream, events: readonly OutgoingEvent[], connection: Connection | undefined): Promise<void> {
    const { record } = kept;
    const page = crypto.randomUUID();
    this.asked.add(page);
    const stream = this.make(kept, events, undefined, connection);
    if (connection) this.streams = [...this.streams, stream];
    else this.parked = [...this.parked, stream];
    const release = await hold(lockOf(page), {});
    if (release) this.releases.set(page, release);
    kept.setLine({ ...record, page });
    // it has turned out to be another person's meanwhile
    if (stream.isDone) this.release(page);
    else if (connection) this.next();
    else if (this.person === record.person && !this.mayGo) this.onChange();
  }

  /** The page has another person: nothing of the one before is shown or said. */
  private forget(): void {
    for (const { streams, connection, isShared } of this.groups) {
      for (const stream of streams) stream.abandon();
      if (!isShared) connection.end();
    }
    for (const stream of this.streams) this.discard(stream);
    this.groups = this.streams = [];
    this.onChange();
  }

  private discard(stream: LeftStream): void {
    stream.abandon();
    this.release(stream.record.page);
  }

  /** Whoever asks next has what that page has left. */
  private release(page: string): void {
    if (page === this.page) return;
    this.releases.get(page)?.();
    this.releases.delete(page);
    this.asked.delete(page);
  }

  private async wait(page: string, isFirst: boolean): Promise<void> {
    if (this.asked.has(page)) return;
    this.asked.add(page);
    const release = isFirst && (await hold(lockOf(page), { ifAvailable: true }));
    if (release) await this.inherit(page, release);
    // a page that is loaded again may be a moment before the one that it was has gone
    else void hold(lockOf(page), {}).then((late) => late && this.inherit(page, late));
  }

  private async inherit(page: string, release: () => void): Promise<void> {
    const { person } = this;
    this.releases.set(page, release);
    const streams: LeftStream[] = [];
    for (const record of await this.store.readStreams()) {
      if (record.page !== page || record.person !== person) continue;
      const rows = await this.store.readEvents(record.id);
      const model = await this.store.readModel(modelId(person, record.route));
      const kept = new KeptStream(record, this.store, this.options.maxLength);
      streams.push(this.make(kept, kept.restore(rows), model));
    }
    if (this.person !== person || !streams[0]) return this.release(page);
    for (const stream of streams) stream.dropOld();
    this.streams = [...this.streams, ...streams];
    this.onChange();
    if (this.mayGo) this.next();
  }

  private make(...[kept, events, model, connection]: MakeArguments): LeftStream {
    const stream: LeftStream = new LeftStream(kept, events, model, connection, {
      ...this.options,
      onChange: this.onChange,
      onDone: () => this.finish(stream),
      onStrange: () => this.strange(stream),
      onDead: () => this.move(stream),
    });
    return stream;
  }

  private groupOf(stream: LeftStream): Group | undefined {
    return this.groups.find(({ streams }) => streams.includes(stream));
  }

  private strange(stream: LeftStream): void {
    const group = this.groupOf(stream);
    if (!group) return;
    const [session, attempt] = group.connection.line;
    this.stop(group);
    // somebody had said more hellos; or the page goes on under another name
    if (session === null || group.isShared) {
      this.open(group.streams, attempt + manyHellos);
      return;
    }
    // it is another person's now
    this.streams = this.streams.filter((each) => !group.streams.includes(each));
    for (const each of group.streams) this.discard(each);
    this.onChange();
    this.next();
  }

  /** Nobody answers where it was said: it is said where the page has its own islands of that route, if elsewhere. */
  private move(stream: LeftStream): void {
    const group = this.groupOf(stream);
    const path = this.paths.get(stream.record.route);
    if (!group || path === undefined) return;
    const [, attempt, before] = group.connection.line;
    if (path === before) return;
    this.stop(group);
    this.open(group.streams, attempt + manyHellos, path);
  }

  private stop(group: Group): void {
    this.groups = this.groups.filter((each) => each !== group);
    for (const each of group.streams) each.abandon(false);
    if (!group.isShared) group.connection.end();
  }

  /** Says what may be said now: of each route what was left first. */
  private next(): void {
    for (const stream of this.streams) if (!stream.events[0]) stream.end();
    const routes = new Set<string>();
    for (const stream of this.streams) {
      const { route } = stream.record;
      const isFirst = !routes.has(route);
      routes.add(route);
      if (isFirst && !this.groupOf(stream)) this.start(stream);
    }
  }

  private start(stream: LeftStream): void {
    const { record, shared } = stream;
    if (shared) {
      this.begin({ connection: shared, streams: [], isShared: true }, [stream]);
      return;
    }
    const group = this.groups.find((each) => each.streams.some((other) => isAlong(stream, other)));
    if (group) {
      this.add(group, stream);
      return;
    }
    const along = this.streams.filter((each) => isAlong(stream, each));
    this.open([stream], Math.max(record.attempt, ...along.map((each) => each.record.attempt)) + manyHellos);
  }

  private open(streams: readonly LeftStream[], attempt: number, path?: string): void {
    const [{ record }] = streams as [LeftStream];
    this.begin(
      { connection: connect(path ?? record.path, record.session, attempt), streams: [], isShared: false },
      streams,
    );
  }

  private begin(group: Group, streams: readonly LeftStream[]): void {
    this.groups = [...this.groups, group];
    for (const stream of streams) this.add(group, stream);
  }

  private add(group: Group, stream: LeftStream): void {
    group.streams.push(stream);
    stream.begin(group.connection);
  }

  private finish(stream: LeftStream): void {
    const group = this.groupOf(stream);
    this.streams = this.streams.filter((each) => each !== stream);
    this.onChange();
    const isOver = group?.streams.every(({ isDone }) => isDone) && !this.streams.some((each) => isAlong(stream, each));
    if (group && isOver) {
      this.groups = this.groups.filter((each) => each !== group);
      if (!group.isShared) group.connection.end();
    }
    this.next();
  }
}

/** The server knows both by the same session. */
function isAlong({ record, shared }: LeftStream, other: LeftStream): boolean {
  const isSame = (['page', 'session', 'path'] as const).every((name) => record[name] === other.record[name]);
  return isSame && !shared && !other.shared && record.session !== null;
}

type MakeArguments = [
  kept: KeptStream,
  events: readonly OutgoingEvent[],
  model: ConstructorParameters<typeof LeftStream>[2],
  connection?: Connection,
];

/** Gets a lock, and keeps it until it is released or the page ends. @returns What releases it, if it was had. */
function hold(name: string, options: LockOptions): Promise<(() => void) | undefined> {
  return new Promise((resolve, reject) => {
    navigator.locks
      .request(name, options, (lock) => {
        if (!lock) return resolve(undefined);
        const { promise, resolve: release } = Promise.withResolvers<void>();
        resolve(release);
        return promise;
      })
      .catch(reject);
  });
}
