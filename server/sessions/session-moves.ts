/*
 * Sessions that go from one process to another with their pages. Input: a hello that names a session which is not known
 * here. Output: word from whoever has it that it has kept what it knows, and let go of it. Only a process whose page may
 * have begun the session asks: its name says whose it is.
 */

import { type Bus, BusError, type BusMessage } from '../cluster/bus.ts';
import { toSubject } from '../cluster/subject.ts';

/** `nobody`: it goes on from what is stored, if anything is. `late`: the page has said a later hello elsewhere. */
export type Moved = 'given' | 'nobody' | 'late';

/** Frames of another version are nobody's. */
const protocol = 1;
/** How long whoever has it may take to say so. */
const whoMs = 300;
/** How long it may take to keep what it knows. */
const giveMs = 5_000;

export interface SessionMovesOptions {
  readonly bus: Bus;
  /** Number of the last hello of a session of this process. */
  attemptOf(id: string): number | undefined;
  /** Keeps what is known of a session, and lets go of it. */
  giveUp(id: string): Promise<void>;
}

export class SessionMoves {
  private readonly options: SessionMovesOptions;
  /** What ends the hearing for each session of this process. */
  private readonly ends = new Map<string, () => void>();

  constructor(options: SessionMovesOptions) {
    this.options = options;
  }

  /** It is this process's. */
  hold(id: string): void {
    const end = this.options.bus.subscribe(toSubject('session', id), (message) => this.hear(id, message));
    this.ends.set(id, end);
  }

  /** It has ended, or gone. */
  release(id: string): void {
    this.ends.get(id)?.();
    this.ends.delete(id);
  }

  /** Has whoever has a session give it up. */
  async fetch(id: string, attempt: number): Promise<Moved> {
    const who = await this.ask(id, 'who', attempt, whoMs);
    if (who !== 'here') return who === 'late' ? 'late' : 'nobody';
    return (await this.ask(id, 'give', attempt, giveMs)) === 'given' ? 'given' : 'nobody';
  }

  private async ask(id: string, what: string, attempt: number, limitMs: number): Promise<unknown> {
    try {
      const said = await this.options.bus.request(
        toSubject('session', id),
        JSON.stringify([protocol, what, attempt]),
        limitMs,
      );
      const [version, answer] = parse(said);
      return version === protocol ? answer : undefined;
    } catch (error) {
      if (error instanceof BusError) return undefined;
      throw error;
    }
  }

  private async hear(id: string, { text, answer }: BusMessage): Promise<void> {
    const [version, what, attempt] = parse(text);
    const known = this.options.attemptOf(id);
    if (version !== protocol || known === undefined || !Number.isSafeInteger(attempt)) return;
    const say = (word: string): void => answer?.(JSON.stringify([protocol, word]));
    if ((attempt as number) <= known) say('late');
    else if (what === 'who') say('here');
    else if (what === 'give') {
      await this.options.giveUp(id);
      say('given');
    }
  }
}

function parse(text: string): readonly unknown[] {
  try {
    const said: unknown = JSON.parse(text);
    return Array.isArray(said) ? said : [];
  } catch {
    return [];
  }
}
