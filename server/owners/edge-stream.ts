/*
 * What an edge knows of what an actor shows: epoch, version, patches of late, offered values, and the mount that it
 * fetched last. Input: patches and mounts of the owner. Output: what brings a client to the present version, as far as
 * the owner need not be asked.
 */

import type { Have } from '../../shared/wire/frames.ts';
import { carryOut, drawn, provide } from '../../shared/wire/patch.ts';
import { encodeOperations, joinOperations } from '../../shared/wire/server-frames.ts';
import type { Arrival } from '../actors/actor-port.ts';
import { History } from '../actors/history.ts';

type MountArrival = Extract<Arrival, { kind: 'mount' }>;
type ModelArrival = Extract<Arrival, { kind: 'model' }>;
type Shown = Extract<Arrival, { kind: 'mount' | 'live' | 'model' }>;

export class EdgeStream {
  epoch = '';
  version = -1;
  private readonly maxBytes: number;
  private history: History;
  private provided = new Map<string, unknown>();
  private mount: MountArrival | undefined;
  /** The same for pages that predict: changes of the model, and the model that was fetched last. */
  private changes: History | undefined;
  private model: ModelArrival | undefined;
  /** Names the code of those pages, as the owner has it. */
  private code: string | null = null;
  /** What the owner has drawn of the present version; null: only the owner knows. */
  private drawn: number | null = null;

  /** @param maxBytes Of the patches that are kept. */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
    this.history = new History(maxBytes, -1);
  }

  /** Begins anew with what the owner shows. */
  reset(epoch: string, version: number): void {
    this.epoch = epoch;
    this.version = version;
    this.history = new History(this.maxBytes, version);
    this.mount = undefined;
    this.changes = undefined;
    this.model = undefined;
    this.drawn = null;
  }

  /** Notes what an owner says of its code. @returns Whether it may be other code than that of the one before. */
  setCode(code: string | null, digest: number | null): boolean {
    const isOther = code !== this.code || digest !== this.drawn;
    this.code = code;
    this.drawn = digest;
    if (isOther) this.model = undefined;
    return isOther;
  }

  /** Whether what somebody says to be shown was shown here, too. */
  hasReached({ epoch, version }: { readonly epoch: string; readonly version: number }): boolean {
    return epoch === this.epoch && version <= this.version;
  }

  offer(provided: Iterable<readonly [string, unknown]>): void {
    this.provided = new Map(provided);
  }

  /** The patch to the next version. */
  add(patch: string, model: string | null): void {
    this.history.add(patch);
    if (model !== null) {
      this.changes ??= new History(this.maxBytes, this.version);
      this.changes.add(model);
      this.noteDrawn(model);
    }
    this.note(patch, this.version + 1);
  }

  /** A patch that leads over versions that were missed. */
  leap(version: number, patch: string, model: string | null): void {
    this.history.leap(version, patch);
    if (model === null) {
      this.changes = undefined;
      this.drawn = null;
    } else {
      this.changes ??= new History(this.maxBytes, this.version);
      this.changes.leap(version, model);
      this.noteDrawn(model);
    }
    this.note(patch, version);
  }

  /** What brings a client here; undefined: the owner has to be asked. */
  arrivalOf(have: Have | undefined, isNew: boolean): Arrival | undefined {
    const { epoch, version } = this;
    if (typeof have?.[2] === 'string') return this.modelArrivalOf(have, isNew);
    if (have?.[0] === epoch) {
      const patch = have[1] === version ? '' : this.history.since(have[1]);
      if (patch !== undefined) {
        const operations = joinOperations(patch, isNew ? this.greet() : '');
        return { kind: 'live', epoch, version, define: undefined, operations };
      }
    }
    // only the owner knows whether that is what is shown
    if (have && this.mustAsk(have)) return undefined;
    // events that were fired since are not for who comes now
    return this.mount?.version === version ? this.mount : undefined;
  }

  /** Undefined: only the owner knows, also what a page with other code is to get. */
  private modelArrivalOf(have: Have, isNew: boolean): Arrival | undefined {
    const { epoch, version } = this;
    const isAhead = have[0] === epoch && have[1] > version;
    if (isAhead || have[2] !== this.code || this.drawn === null) return undefined;
    const missing = have[0] === epoch ? this.changesSince(have[1]) : undefined;
    if (missing === undefined) return this.model?.version === version ? this.model : undefined;
    const said = joinOperations(missing, encodeOperations([drawn(this.drawn)]));
    const operations = joinOperations(said, isNew ? this.greet() : '');
    return { kind: 'live', epoch, version, define: undefined, operations, predicts: true };
  }

  private changesSince(version: number): string | undefined {
    return version === this.version ? '' : this.changes?.since(version);
  }

  /** A page that was rendered elsewhere, or has seen a later version than is known here. */
  mustAsk([epoch, version, known, digest]: Have): boolean {
    return typeof known === 'string' || digest !== undefined || (epoch === this.epoch && version > this.version);
  }

  /** Brings what the owner gave to the present version; undefined: that is not known. */
  bringUp<Given extends Shown>(given: Given): Given | undefined {
    const { version } = this;
    if (given.epoch !== this.epoch) return undefined;
    if (given.version === version) return given;
    const predicts = 'predicts' in given && given.predicts === true;
    const patch = predicts ? this.changesSince(given.version) : this.history.since(given.version);
    if (patch === undefined) return undefined;
    return { ...given, version, operations: joinOperations(given.operations, patch) };
  }

  /** Keeps a mount for those who come next. */
  keepMount(mount: MountArrival): void {
    if (mount.epoch === this.epoch) this.mount = mount;
  }

  /** The same for those who predict. */
  keepModel(model: ModelArrival): void {
    if (model.epoch !== this.epoch) return;
    this.model = model;
    if (model.version === this.version) this.noteDrawn(model.operations);
  }

  /** About what it takes in memory. */
  get bytes(): number {
    return this.history.bytes + (this.changes?.bytes ?? 0);
  }

  private note(patch: string, version: number): void {
    this.version = version;
    if (!patch.includes('"provide"')) return;
    const offer = (key: string, value: unknown): void => void this.provided.set(key, value);
    for (const operation of JSON.parse(`[${patch}]`)) carryOut(operation, { provide: offer });
  }

  private noteDrawn(operations: string): void {
    if (!operations.includes('"drawn"')) return;
    const note = (digest: number): void => {
      this.drawn = digest;
    };
    for (const operation of JSON.parse(`[${operations}]`)) carryOut(operation, { drawn: note });
  }

  private greet(): string {
    if (this.provided.size === 0) return '';
    return encodeOperations([...this.provided].map(([key, value]) => provide(key, value)));
  }
}
