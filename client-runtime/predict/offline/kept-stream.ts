/*
 * Keeps the events of one outbox, before any of them is sent. Input: which events have no outcome, and under which
 * number one is to be sent. Output: records, and whether it may be sent: its number has to be kept first, or a later page
 * would not know that the server may have had it.
 */

import { repeatableMs } from '../../../shared/wire/remembered.ts';
import type { DomInstance } from '../../dom/dom-tree.ts';
import type { OutgoingEvent, What } from '../../element/outbox.ts';
import { type KeptStore, removeStream } from './kept-store.ts';
import type { EventRecord, StreamRecord } from './records.ts';

export class KeptStream {
  readonly record: StreamRecord;
  private readonly store: KeptStore;
  private readonly maxLength: number;
  /** Events may be sent that could not before. */
  onWritten: () => void = () => {};
  private readonly rows = new Map<OutgoingEvent, EventRecord>();
  /** Under which number an event is kept; 0: under none yet. */
  private readonly written = new Map<OutgoingEvent, number>();
  private readonly lengths = new Map<OutgoingEvent, number>();
  private dirty = new Set<OutgoingEvent>();
  private gone: EventRecord[] = [];
  private order = 0;
  private length = 0;
  private isLineDirty = true;
  private isWriting = false;
  /** Something is not kept: nothing behind it is until all of it has an outcome, since numbers tell the order. */
  private isCut = false;
  private isOver = false;

  constructor(record: StreamRecord, store: KeptStore, maxLength: number) {
    this.record = record;
    this.store = store;
    this.maxLength = maxLength;
  }

  /** Goes on with what another page has kept. */
  restore(rows: readonly EventRecord[]): readonly OutgoingEvent[] {
    this.isLineDirty = false;
    return rows.map((row) => {
      const event = toEvent(row);
      this.rows.set(event, row);
      this.written.set(event, row.number ?? 0);
      this.measure(event, row);
      this.order = Math.max(this.order, row.order + 1);
      return event;
    });
  }

  has(event: OutgoingEvent): boolean {
    return this.rows.has(event);
  }

  /** Why it is not done any more: the server cannot know whether it was; or it was not, and nobody expects it now. */
  lossOf(event: OutgoingEvent, maxAgeMs: number): 'unknown' | 'old' | undefined {
    const row = this.rows.get(event);
    const now = Date.now();
    if (row?.sentAt && now - row.sentAt > repeatableMs) return 'unknown';
    return now - (event.what?.at ?? now) > maxAgeMs ? 'old' : undefined;
  }

  /** How many are kept, and since when the first. */
  get kept(): { readonly events: number; readonly since: number | undefined } {
    const [first] = this.written.keys();
    return { events: this.written.size, since: first?.what?.at };
  }

  /** These have no outcome, and no others. */
  update(events: readonly OutgoingEvent[]): void {
    const present = new Set(events);
    for (const event of [...this.rows.keys()]) if (!present.has(event)) this.remove(event);
    if (!events[0]) this.isCut = false;
    for (const event of events) {
      if (this.rows.has(event) || this.isCut || this.isOver) continue;
      const { place, hole, data, what } = event;
      // nobody could find where it happened
      if (!place || !what) continue;
      const { id: stream } = this.record;
      const row = { stream, order: this.order++, number: undefined, sentAt: undefined, place, hole, data, what };
      this.measure(event, row);
      if (this.length > this.maxLength) {
        this.forget(event);
        this.isCut = true;
        this.store.fail('full');
        break;
      }
      this.rows.set(event, row);
      this.dirty.add(event);
    }
    this.writeSoon();
  }

  /** What the server knows it by now. */
  setLine(line: Partial<StreamRecord>): void {
    const { record } = this;
    const isSame = (Object.keys(line) as (keyof StreamRecord)[]).every((key) => record[key] === line[key]);
    if (isSame) return;
    Object.assign(record, line);
    this.isLineDirty = true;
    this.writeSoon();
  }

  /** Whether an event may be sent under a number now. @param events All of the outbox, in order. */
  mayTell(event: OutgoingEvent, number: number, events: readonly OutgoingEvent[]): boolean {
    if (!this.rows.has(event)) return true;
    if (!this.isLineDirty && this.written.get(event) === number) return true;
    let next = number;
    for (const each of events.slice(events.indexOf(event))) {
      const row = this.rows.get(each);
      if (each.number || !row) break;
      if (row.number !== next) {
        Object.assign(row, { number: next, sentAt: Date.now() });
        this.dirty.add(each);
      }
      this.record.last = Math.max(this.record.last, next++);
    }
    this.writeSoon();
    return false;
  }

  /** Nothing of it is kept any more. */
  async end(): Promise<void> {
    this.isOver = true;
    await this.store.change((stores) => removeStream(stores, this.record.id));
  }

  private remove(event: OutgoingEvent): void {
    this.gone.push(this.rows.get(event) as EventRecord);
    this.forget(event);
  }

  private forget(event: OutgoingEvent): void {
    this.length -= this.lengths.get(event) ?? 0;
    for (const map of [this.rows, this.written, this.lengths]) map.delete(event);
    this.dirty.delete(event);
  }

  private measure(event: OutgoingEvent, { place, data, what }: EventRecord): void {
    let length = 200;
    try {
      length += JSON.stringify([place, data, what]).length;
    } catch {
      // a message that is no JSON is kept without
    }
    this.lengths.set(event, length);
    this.length += length;
  }

  private writeSoon(): void {
    if (this.isWriting || this.isOver || !(this.dirty.size || this.gone[0] || (this.isLineDirty && this.record.who)))
      return;
    this.isWriting = true;
    queueMicrotask(() => void this.write());
  }

  private async write(): Promise<void> {
    const { dirty, gone, record } = this;
    this.dirty = new Set();
    this.gone = [];
    this.isLineDirty = false;
    const rows = [...dirty].map((event) => [event, this.rows.get(event) as EventRecord] as const);
    const numbers = new Map(rows.map(([event, { number = 0 }]) => [event, number]));
    const isKept = await this.store.change(({ streams, events }) => {
      streams.put(record);
      for (const { stream, order } of gone) events.delete([stream, order]);
      for (const [, row] of rows) put(events, row);
    });
    this.isWriting = false;
    for (const [event, number] of numbers) {
      // it may have its outcome by now
      if (!this.rows.has(event)) continue;
      if (isKept) this.written.set(event, number);
      else {
        this.forget(event);
        this.isCut = true;
      }
    }
    this.writeSoon();
    this.onWritten();
  }
}

function put(events: IDBObjectStore, row: EventRecord): void {
  try {
    events.put(row);
  } catch {
    // its message is nothing that can be kept: then it is not shown before the server has done it
    const { message: _, ...rest } = row.what as What & { message?: unknown };
    row.what = rest;
    events.put(row);
  }
}

function toEvent({ number, place, hole, data, what }: EventRecord): OutgoingEvent {
  const event = {
    instance: Object.create(null) as DomInstance,
    ...{ hole, epoch: '', seen: 0, data, type: what.type, submission: false as const },
    ...{ marks: [], controls: [], target: null, what, isSent: false, looks: 0 },
  };
  return Object.assign(event, place && { place }, number && { number });
}
