/*
 * A bus on a line (`line.ts`): it puts long texts into parts, keeps the questions that wait for an answer, and shields
 * the line from those who listen. Input: what processes say. Output: what they hear, the same way on any line.
 */

import { inspect } from 'node:util';
import { isThenable } from '../../shared/language/thenable.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import { type Bus, BusError, type BusErrorKind, type BusMessage, type BusState, type Hear } from './bus.ts';
import type { Line, LineState, OpenLine } from './line.ts';
import { Assembly, toParts } from './parts.ts';
import type { Subject } from './subject.ts';

/** More than the biggest state takes as JSON in JSON. */
const maxBytes = 16 * 1024 * 1024;
/** What stands before an answer. */
const done = '+';
const failed = '-';

interface Question {
  readonly resolve: (text: string) => void;
  readonly reject: (error: BusError) => void;
  readonly timer: unknown;
}

interface Audience {
  readonly listeners: Set<Hear>;
  readonly end: () => void;
}

export class LineBus implements Bus {
  readonly maxBytes = maxBytes;
  private readonly clock: Clock;
  private readonly line: Line;
  /** By subject: the line is asked for each once. */
  private readonly audiences = new Map<string, Audience>();
  private readonly questions = new Map<number, Question>();
  private readonly stateListeners = new Set<(state: BusState) => void>();
  private readonly errorListeners = new Set<(error: unknown) => void>();
  private readonly assembly = new Assembly(4 * maxBytes);
  private isClosed = false;
  private texts = 0;
  private asked = 0;

  constructor(open: OpenLine, clock: Clock) {
    this.clock = clock;
    this.line = open({
      onState: (state) => this.onLineState(state),
      onAnswer: (question, said) => this.onAnswer(question, said),
      onNobody: (question) => this.refuse(question, 'nobody', 'nobody has subscribed'),
      onError: (error) => this.report(error),
    });
  }

  get state(): BusState {
    return this.isClosed ? 'closed' : this.line.state;
  }

  publish(subject: Subject, text: string): boolean {
    const parts = this.toParts(text);
    if (this.state !== 'connected') return false;
    for (const part of parts) this.line.publish(subject, part);
    return true;
  }

  subscribe(subject: Subject, hear: Hear): () => void {
    if (this.isClosed) return () => {};
    const audience = this.audiences.get(subject) ?? this.gather(subject);
    // the same function may listen twice
    const listener: Hear = (message) => hear(message);
    audience.listeners.add(listener);
    return () => {
      if (!audience.listeners.delete(listener) || audience.listeners.size > 0) return;
      audience.end();
      this.audiences.delete(subject);
    };
  }

  async request(subject: Subject, text: string, limitMs: number): Promise<string> {
    const parts = this.toParts(text);
    const { state } = this;
    if (state !== 'connected') throw refusal(state, 'nothing was asked');
    const number = ++this.asked;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const onLate = (): void => this.refuse(number, 'late', `no answer within ${limitMs} ms`);
    this.questions.set(number, { resolve, reject, timer: this.clock.setTimeout(onLate, limitMs) });
    for (const part of parts) this.line.publish(subject, part, number);
    return promise;
  }

  async flush(): Promise<void> {
    const { state } = this;
    if (state !== 'connected') throw refusal(state, 'nothing was flushed');
    await this.line.flush().catch((cause: unknown) => {
      throw refusal(this.isClosed ? 'closed' : 'lost', 'it is not known what was heard', cause);
    });
  }

  onState(listener: (state: BusState) => void): () => void {
    return addTo(this.stateListeners, listener);
  }

  onError(listener: (error: unknown) => void): () => void {
    return addTo(this.errorListeners, listener);
  }

  async close(): Promise<void> {
    if (!this.isClosed) this.end();
    await this.line.close();
  }

  private onLineState(state: LineState): void {
    if (this.isClosed) return;
    if (state === 'closed') this.end();
    else {
      if (state === 'lost') this.refuseAll('lost');
      this.tellState(state);
    }
  }

  private onAnswer(question: number, said: string): void {
    if (!this.questions.has(question)) return;
    const answer = this.assembly.take(`${question}`, said);
    if (answer === undefined) return;
    if (answer.startsWith(done)) this.settle(question)?.resolve(answer.slice(done.length));
    else this.refuse(question, 'failed', 'who was asked threw');
  }

  private end(): void {
    this.isClosed = true;
    this.refuseAll('closed');
    for (const { end } of this.audiences.values()) end();
    this.audiences.clear();
    this.tellState('closed');
  }

  private gather(subject: Subject): Audience {
    const listeners = new Set<Hear>();
    const end = this.line.subscribe(subject, (said, asker) => {
      const text = this.assembly.take(subject, said);
      if (text === undefined || this.isClosed) return;
      const message: BusMessage = {
        text,
        answer: asker === undefined ? undefined : (answer) => this.answer(asker, done + answer),
      };
      // those who come or go meanwhile are not among them
      for (const hear of [...listeners]) if (listeners.has(hear)) this.tell(hear, message, asker);
    });
    const audience = { listeners, end };
    this.audiences.set(subject, audience);
    return audience;
  }

  /** What one throws is nothing to the others, and nothing to the line. */
  private tell(hear: Hear, message: BusMessage, asker: string | undefined): void {
    const onError = (error: unknown): void => {
      if (asker !== undefined) this.answer(asker, failed);
      this.report(error);
    };
    try {
      const result = hear(message);
      if (isThenable(result)) result.then(undefined, onError);
    } catch (error) {
      onError(error);
    }
  }

  private answer(asker: string, text: string): void {
    const parts = this.toParts(text);
    if (this.state !== 'connected') return;
    for (const part of parts) this.line.answer(asker, part);
  }

  private toParts(text: string): readonly string[] {
    if (text.length * 3 > maxBytes && Buffer.byteLength(text) > maxBytes) {
      throw new BusError('too-big', `a text of ${Buffer.byteLength(text)} bytes is more than the ${maxBytes} of a bus`);
    }
    return toParts(text, `${this.line.name}-${++this.texts}`, this.line.partBytes);
  }

  private settle(number: number): Question | undefined {
    const question = this.questions.get(number);
    if (question === undefined) return undefined;
    this.questions.delete(number);
    this.clock.clearTimeout(question.timer);
    return question;
  }

  private refuse(number: number, kind: BusErrorKind, detail: string): void {
    this.settle(number)?.reject(new BusError(kind, detail));
  }

  private refuseAll(state: 'lost' | 'closed'): void {
    for (const number of [...this.questions.keys()]) {
      this.settle(number)?.reject(refusal(state, 'there will be no answer'));
    }
  }

  private tellState(state: BusState): void {
    for (const listener of [...this.stateListeners]) {
      try {
        listener(state);
      } catch (error) {
        this.report(error);
      }
    }
  }

  private report(error: unknown): void {
    for (const listener of this.errorListeners) listener(error);
    if (this.errorListeners.size === 0)
      process.stderr.write(`islet: who listens to the bus threw\n${inspect(error)}\n`);
  }
}

function refusal(state: 'lost' | 'closed', detail: string, cause?: unknown): BusError {
  const what = state === 'lost' ? 'the connection to the bus is lost' : 'the bus is closed';
  return new BusError(state, `${what}: ${detail}`, { cause });
}

function addTo<Listener>(listeners: Set<Listener>, listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
