/*
 * What the app asks of an actor, through an edge, until the owner has answered, whoever it is by then. Input: messages of
 * the app, and questions for the model. Output: one answer to each.
 */

import { randomBytes } from 'node:crypto';
import type { ErrorCode } from '../../shared/language/errors.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { ReadModel } from '../actors/actor-port.ts';
import type { SentOutcome } from '../actors/sent-message.ts';
import type { EdgeLink, NoAnswer } from './edge-link.ts';
import { type Answer, type Ask, isAnswer } from './frames.ts';

/** The edge, as far as questions go. */
export interface QuestionsOwner {
  /** Names this process. */
  readonly name: string;
  readonly link: EdgeLink;
  /** The edge has ended, or the server stops. */
  readonly isOver: boolean;
  ask(ask: Ask): Promise<Answer | NoAnswer>;
  /** The owner may be another one by now. */
  onNoAnswer(answer: Answer | NoAnswer): void;
  /** The edge may be of no use any more. */
  lookSoon(): void;
}

export class EdgeQuestions {
  private readonly owner: QuestionsOwner;
  /** Those that have no answer yet. */
  private pending = 0;

  constructor(owner: QuestionsOwner) {
    this.owner = owner;
  }

  get isWaiting(): boolean {
    return this.pending > 0;
  }

  send(message: AnyMessage, key: string | undefined, conclude: (outcome: SentOutcome) => void): void {
    // so that it is done once, however often it has to be said
    const named = key ?? randomBytes(12).toString('base64url');
    const { name: edge } = this.owner;
    this.askUntilKnown<SentOutcome>(
      (term) => ({ kind: 'send', edge, term, message, key: named }),
      (answer) => (isAnswer(answer, 'sent') ? answer.outcome : null),
      conclude,
    );
  }

  model(take: (read: ReadModel) => void): void {
    const { name: edge } = this.owner;
    this.askUntilKnown<ReadModel>(
      (term) => ({ kind: 'model', edge, term }),
      (answer) => (isAnswer(answer, 'model') ? answer.read : null),
      take,
    );
  }

  /** Asks until the owner, whoever it is by then, has answered. @param read Null: there is no answer in this. */
  private askUntilKnown<Outcome>(
    toAsk: (term: number) => Ask,
    read: (answer: Answer | NoAnswer) => Outcome | null,
    take: (outcome: Outcome | { readonly code: ErrorCode }) => void,
  ): void {
    const { owner } = this;
    const { link } = owner;
    this.pending++;
    const finish = (outcome: Outcome | { readonly code: ErrorCode }): void => {
      this.pending--;
      take(outcome);
      owner.lookSoon();
    };
    const begin = (): void => {
      // nobody can be asked for long: that is told
      link.once(
        () => void step(),
        () => finish({ code: 'ISLET_ERR_STORE' }),
      );
    };
    const step = async (): Promise<void> => {
      const answer = await owner.ask(toAsk(link.term));
      const outcome = read(answer);
      if (outcome !== null) finish(outcome);
      else if (owner.isOver) finish({ code: 'ISLET_ERR_SERVER_STOPPING' });
      else {
        owner.onNoAnswer(answer);
        await link.pause();
        begin();
      }
    };
    begin();
  }
}
