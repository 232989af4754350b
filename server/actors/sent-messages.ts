/*
 * What the app has sent to one actor: what is under way, and which keys have had their turn. Input: keys. Output: a
 * message to handle, or the outcome that its key has had already.
 */

import type { Known } from './actor-port.ts';
import { SentMessage, type SentOutcome, type SentRefusal, sentName } from './sent-message.ts';

type Conclude = (outcome: SentOutcome) => void;

/** How many keys an actor remembers that is not committed. */
const maxKeys = 1_000;

export class SentMessages {
  private readonly isCommitted: boolean;
  private readonly recall: (name: string) => Known;
  /** Those who wait for each message that is under way. */
  private readonly waiting = new Map<SentMessage, { readonly key: string | undefined; readonly waiting: Conclude[] }>();
  private readonly byKey = new Map<string, SentMessage>();
  /** Keys that have had their turn in this life of the actor. */
  private readonly concluded = new Map<string, SentRefusal | 'done'>();

  /** @param recall What the store knows of a name. */
  constructor(isCommitted: boolean, recall: (name: string) => Known) {
    this.isCommitted = isCommitted;
    this.recall = recall;
  }

  /** Gives the message that is to be handled; undefined: it is under way already, or its outcome is known. */
  begin(key: string | undefined, conclude: Conclude): SentMessage | undefined {
    const name = key === undefined ? undefined : sentName(key);
    const known = name === undefined ? undefined : this.outcomeOf(name);
    if (known !== undefined) {
      conclude(known);
      return undefined;
    }
    const present = name === undefined ? undefined : this.byKey.get(name);
    if (present) {
      this.waiting.get(present)?.waiting.push(conclude);
      return undefined;
    }
    const sent: SentMessage = new SentMessage(name, this.isCommitted, (outcome) => this.conclude(sent, outcome));
    this.waiting.set(sent, { key: name, waiting: [conclude] });
    if (name !== undefined) this.byKey.set(name, sent);
    return sent;
  }

  /** None of those that are under way is handled any more. @param why Undefined: the actor has ended. */
  end(why: SentRefusal | undefined): void {
    for (const sent of [...this.waiting.keys()]) this.conclude(sent, why);
  }

  private outcomeOf(name: string): SentRefusal | 'done' | undefined {
    const concluded = this.concluded.get(name);
    if (concluded !== undefined) return concluded;
    const { event, refused } = this.recall(name);
    return event === 0 ? undefined : (refused[0] ?? 'done');
  }

  private conclude(sent: SentMessage, outcome: SentOutcome): void {
    const { waiting, key } = this.waiting.get(sent) ?? { waiting: [], key: undefined };
    this.waiting.delete(sent);
    if (key !== undefined) {
      this.byKey.delete(key);
      // what was not tried may be sent again
      const isOver = outcome === 'done' || outcome?.code === 'ISLET_ERR_MESSAGE_REFUSED';
      if (isOver) this.remember(key, outcome);
    }
    for (const conclude of waiting) conclude(outcome);
  }

  private remember(name: string, outcome: SentRefusal | 'done'): void {
    this.concluded.set(name, outcome);
    const [oldest] = this.concluded.keys();
    if (this.concluded.size > maxKeys && oldest !== undefined) this.concluded.delete(oldest);
  }
}
