/*
 * Attributes that pages at an edge have set, until the owner has kept what came of them. Input: changes, in their order.
 * Output: the last one of each attribute, said to whoever is the owner until that is known. It is numbered, so that it is
 * done once, however often it is said.
 */

import { randomBytes } from 'node:crypto';
import type { EdgeLink, NoAnswer } from './edge-link.ts';
import { type Answer, type Ask, type AttributeChange, isAnswer } from './frames.ts';

/** The edge, as far as attributes go. */
export interface EdgeAttributesOwner {
  /** Names this process. */
  readonly name: string;
  readonly link: EdgeLink;
  readonly isEnded: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
  /** The edge may be of no use any more. */
  lookSoon(): void;
}

export class EdgeAttributes {
  private readonly owner: EdgeAttributesOwner;
  /** Who the numbers are of, as the owner keeps them. */
  private from: string | undefined;
  private lastNumber = 0;
  private readonly waiting = new Map<string, AttributeChange>();
  private isTryingAgain = false;

  constructor(owner: EdgeAttributesOwner) {
    this.owner = owner;
  }

  get isWaiting(): boolean {
    return this.waiting.size > 0;
  }

  /** @param text Null: it was taken away. */
  change(name: string, text: string | null): void {
    // what an attribute was before is nobody's concern any more
    this.waiting.delete(name);
    this.waiting.set(name, { number: ++this.lastNumber, name, text });
    this.owner.link.once(() => void this.say());
  }

  private async say(): Promise<void> {
    const { owner, waiting } = this;
    const { link, name: edge } = owner;
    const changes = [...waiting.values()];
    if (changes.length === 0 || owner.isEnded) return;
    this.from ??= `edge ${randomBytes(12).toString('base64url')}`;
    const answer = await owner.ask({ kind: 'attributes', edge, term: link.term, from: this.from, changes });
    if (isAnswer(answer, 'sent') && answer.outcome !== null) {
      for (const change of changes) if (waiting.get(change.name) === change) waiting.delete(change.name);
      owner.lookSoon();
      return;
    }
    if (owner.isEnded || this.isTryingAgain) return;
    this.isTryingAgain = true;
    owner.onNoAnswer(answer);
    await link.pause();
    this.isTryingAgain = false;
    link.once(() => void this.say());
  }
}
