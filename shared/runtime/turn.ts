/*
 * A turn: the messages that are handled between two renderings, each with who sent it and what it asked for. A message
 * that is refused takes its outputs and runs with it.
 */

import type { Effect, Latest, Output, Run } from '../language/effect.ts';
import type { ErrorCode } from '../language/errors.ts';
import type { AnyMessage } from '../language/html.ts';

/** Who caused a message, and wants to hear what became of it. */
export interface Origin {
  /** It is handled now. A refusal may follow until the end of the turn. */
  onHandled(): void;
  /** @param error What the component threw; undefined: it is not to blame. */
  refuse(code: ErrorCode, error?: unknown): void;
}

/** A turn ends at so many messages, whether or not anybody looks. */
export const maxMessagesPerTurn = 256;
/** A turn ends after gathering for so long. */
export const maxGatheringMs = 250;
/** How long a turn may be done again message by message; what was not tried by then is refused. */
export const redoBudgetMs = 50;

/** Why a message is not applied. `error` is what the component threw, if it did. */
export interface Refusal {
  readonly code: ErrorCode;
  readonly error: unknown;
}

export class Entry {
  /** Undefined for what `init` asked for, and what an actor said by itself. */
  readonly message: AnyMessage | undefined;
  readonly origin: Origin | undefined;
  outputs: Output[] | undefined;
  runs: (Run | Latest)[] | undefined;
  /** The entry of `init` after a restart: timers that run already are not started again. */
  isAgain = false;
  /** Why it is not applied, as far as is known: a turn that is done again tries it once more. */
  refusal: Refusal | undefined;

  constructor(message: AnyMessage | undefined, origin: Origin | undefined) {
    this.message = message;
    this.origin = origin;
  }

  /** Keeps what the message asked for. */
  collect(effect: Effect<unknown>): void {
    for (const part of effect.parts) {
      if (typeof part === 'function' || part.kind === 'latest') {
        this.runs ??= [];
        this.runs.push(part);
      } else {
        this.outputs ??= [];
        this.outputs.push(part);
      }
    }
  }

  /** Whether something is to be started, or ended, under a name. */
  asksFor(name: string): boolean {
    return this.runs?.some((part) => isUnder(name, part)) ?? false;
  }

  /** Forgets what became of the message so far, and what it asked for. */
  clear(): void {
    this.refusal = undefined;
    this.outputs = undefined;
    this.runs = undefined;
  }

  refuse(code: ErrorCode, error: unknown): void {
    this.clear();
    this.refusal = { code, error };
  }
}

/** Leaves out what something later replaces under the same name before it has started. */
export function leaveOutReplaced(due: readonly Entry[]): void {
  const later = new Set<string>();
  const stays = (part: Run | Latest): unknown =>
    typeof part === 'function' || (!later.has(part.name) && later.add(part.name));
  for (const entry of due.toReversed()) {
    // most runs have no name: nothing can be left out
    if (!entry.runs?.some((part) => typeof part !== 'function')) continue;
    entry.runs = entry.runs.toReversed().filter(stays).reverse();
  }
}

function isUnder(name: string, part: Latest['parts'][number]): boolean {
  if (typeof part === 'function' || part.kind !== 'latest') return false;
  return part.name === name || part.parts.some((each) => isUnder(name, each));
}

/** What the messages of a turn asked for, in order; those that were refused ask for nothing. */
export function outputsOf(turn: readonly Entry[]): readonly Output[] {
  let outputs = none;
  for (const { outputs: asked } of turn) {
    if (asked === undefined) continue;
    if (outputs === none) outputs = [];
    outputs.push(...asked);
  }
  return outputs;
}

const none: Output[] = [];
