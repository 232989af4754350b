/*
 * The model of an actor as pages that predict have it: the second stream besides that of its tree. Both have the same
 * versions. Input: the model of each turn. Output: the model whole, what changed of it, and what leads to the present
 * from an earlier version.
 */

import type { Json } from '../../shared/language/events.ts';
import { diffModel } from '../../shared/wire/model-patch.ts';
import { changeModel, drawn, type Operation } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import { History } from './history.ts';
import { checkPublic, type Predicted } from './predicted.ts';

export class ModelStream {
  readonly predicted: Predicted;
  private readonly maxBytes: number;
  /** What pages have, and what they are about to get. */
  private told: unknown;
  private next: unknown;
  /** What is drawn of it, as a digest. */
  private toldDrawn = 0;
  private nextDrawn = 0;
  private isBegun = false;
  private history: History | undefined;

  constructor(predicted: Predicted, maxBytes: number) {
    this.predicted = predicted;
    this.maxBytes = maxBytes;
  }

  /** What was delivered last. */
  get model(): Json {
    return this.told as Json;
  }

  /** What was drawn of that. */
  get drawn(): number {
    return this.toldDrawn;
  }

  get bytes(): number {
    return this.history?.bytes ?? 0;
  }

  /**
   * Gives what a turn changes of what was delivered last.
   *
   * @param digest What is drawn of the model.
   * @throws IsletError ISLET_ERR_STATE_PLAIN
   */
  prepare(model: unknown, digest: number): Operation[] {
    const next = this.predicted.toPublic(model);
    const changes = this.isBegun ? diffModel(this.told, next) : [];
    // what was delivered before has been looked at
    checkPublic(this.isBegun ? changes : next);
    this.next = next;
    this.nextDrawn = digest;
    const operations: Operation[] = changes.length > 0 ? [changeModel(changes)] : [];
    if (this.isBegun && digest !== this.toldDrawn) operations.push(drawn(digest));
    return operations;
  }

  /** What was prepared last is delivered. */
  deliver(): void {
    this.told = this.next;
    this.toldDrawn = this.nextDrawn;
    this.isBegun = true;
  }

  /** Adds what leads to the next version. @param version The one before. */
  add(version: number, operations: string): void {
    this.history ??= new History(this.maxBytes, version);
    this.history.add(operations);
  }

  /** What leads from a version to the present one; undefined if that is not known. */
  since(version: number, present: number): string | undefined {
    return version === present ? '' : this.history?.since(version);
  }
}

/** Says nothing, in a version that has something to say in the other stream alone. */
export const nothingChanged = encodeOperations([changeModel([])]);
