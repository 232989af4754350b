/*
 * What an actor says besides its tree: values that it offers to descendants, and emitted events that nobody could get
 * yet. Input: outputs of its turns. Output: operations for those who look, and for those who come.
 */

import type { Output } from '../../shared/language/effect.ts';
import { emit, type Operation, provide } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';

/** Who there is to hear it. */
export interface Hearing {
  readonly isShared: boolean;
  readonly isHeard: boolean;
  /** Something was shown before. */
  readonly isShown: boolean;
}

export class Said {
  /** Values offered to descendants: each page that joins gets them. */
  provided: Map<string, unknown> | undefined;
  /**
   * Emitted events that no page has received: an own actor keeps them for its page, a shared one for the subscribers
   * that wait for its first rendering.
   */
  private missed: Operation[] | undefined;

  /** What a client that joins must get besides the tree, as operations; empty if there is nothing. */
  greet(): string {
    const { provided, missed } = this;
    if (!provided && !missed) return '';
    const offers = [...(provided ?? [])].map(([key, value]): Operation => provide(key, value));
    return encodeOperations([...offers, ...(missed ?? [])]);
  }

  /** Whoever they waited for was greeted. */
  forgetMissed(): void {
    this.missed = undefined;
  }

  /** Keeps what those who come must get. */
  keep(outputs: readonly Output[], { isShared, isHeard, isShown }: Hearing): void {
    // what a shared actor emits while it has no subscribers is for nobody
    const isMissed = isShared ? isHeard && !isShown : !isHeard || !isShown;
    for (const output of outputs) {
      if (output.kind === 'provide') {
        this.provided ??= new Map();
        this.provided.set(output.key, output.value);
      } else if (output.kind === 'emit' && isMissed) {
        this.missed ??= [];
        this.missed.push(toEmit(output));
      }
    }
  }
}

/** What is to be sent of outputs now. What an own actor says before its page has joined waits for that page. */
export function toOperations(outputs: readonly Output[], { isShared, isHeard }: Omit<Hearing, 'isShown'>): Operation[] {
  const operations: Operation[] = [];
  for (const output of outputs) {
    if (output.kind === 'emit' && (isHeard || isShared)) operations.push(toEmit(output));
    else if (output.kind === 'provide' && isHeard) operations.push(provide(output.key, output.value));
  }
  return operations;
}

function toEmit({ name, detail, options }: Extract<Output, { kind: 'emit' }>): Operation {
  return emit(name, detail, options);
}
