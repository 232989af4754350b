// What clients send their events to while servers are killed: a component that keeps its own books. Whatever its model
// says after a restart is what was kept; what a process had only in memory is gone.

import { appendFileSync } from 'node:fs';
import {
  component,
  type Effect,
  type EventData,
  effect,
  html,
  keyed,
  type TaskDead,
  type TaskDone,
  type Template,
  task,
} from '../../shared/index.ts';
import type { AnyComponent } from '../../shared/language/component.ts';
import { type Book, emptyBook, note } from './book.ts';

/** How a server's code differs from that of the one before. */
export type Variant = 'first' | 'view' | 'function';
export const variants: readonly [Variant, ...Variant[]] = ['first', 'view', 'function'];

export interface Board extends Book {
  /** Timers that have yet to fire, by the event that asked for them. */
  readonly pending: { readonly [key: string]: true };
  readonly fired: number;
  readonly firedTwice: number;
  /** Tasks that have yet to be done, by the event that asked for them. */
  readonly tasks: { readonly [key: string]: true };
  readonly done: number;
  readonly doneTwice: number;
  readonly dead: number;
}

/** What is to be done for an event. */
export const errand = task<string, string>('errand');

type Message =
  | { readonly type: 'PersonSent'; readonly sender: string; readonly id: number; readonly text: string }
  | { readonly type: 'TimerFired'; readonly key: string }
  | TaskDone<'ErrandDone', typeof errand>
  | TaskDead<'ErrandDead', typeof errand>;

export const empty: Board = {
  ...emptyBook,
  pending: {},
  fired: 0,
  firedTwice: 0,
  tasks: {},
  done: 0,
  doneTwice: 0,
  dead: 0,
};

/** One in so many events asks for a timer. */
const eventsPerTimer = 5;
const timerMs = 60;
/** One in so many events asks for a task, where there can be some. */
const eventsPerTask = 16;

export interface BoardOptions {
  readonly variant: Variant;
  /** The shape of the model; from 1 on there is a migration. */
  readonly schema: number;
  /** A file that takes a line for each run. */
  readonly runs: string;
  /** Whether it may ask for tasks. */
  readonly hasTasks: boolean;
  /** A run has started. */
  onRun(): void;
}

export function boardOf({ variant, schema, runs, hasTasks, onRun }: BoardOptions): AnyComponent {
  // a hole calls it: the templates are the same, and what they show is not
  const shout = (id: number): string => (variant === 'function' ? `${id}!` : `${id}`);
  return component<Board, Message>({
    name: `kill-${variant}`,
    init: () => [empty, effect.none],
    update(board, message) {
      if (message.type === 'TimerFired') return [fire(board, message.key), effect.none];
      if (message.type === 'ErrandDone') return [finish(board, message.args, message.result), effect.none];
      if (message.type === 'ErrandDead') return [{ ...board, dead: board.dead + 1 }, effect.none];
      const { sender, id, text } = message;
      const run = effect.from<Message>(() => {
        appendFileSync(runs, `${sender} ${id}\n`);
        onRun();
      });
      const key = `${sender} ${id}`;
      let next: Board = { ...board, ...note(board, sender, id, text) };
      const wanted: Effect<Message>[] = [run];
      if (id % eventsPerTimer === 0) {
        next = { ...next, pending: { ...next.pending, [key]: true } };
        wanted.push(effect.after(timerMs, { type: 'TimerFired', key }));
      }
      if (hasTasks && id % eventsPerTask === 0) {
        next = { ...next, tasks: { ...next.tasks, [key]: true } };
        wanted.push(effect.task(errand, key, { onDone: 'ErrandDone', onDead: 'ErrandDead' }));
      }
      return [next, effect.batch(wanted)];
    },
    view: ({ rows, senders, total }): Template<Message> => html`
      <button @click=${send}>send</button>
      ${variant === 'view' ? html`<h2>anew</h2>` : null}
      <output title=${`${total} events`}>${total}</output>
      <ol>${keyed(rows, 'place', ({ sender, id }) => html`<li>${sender} <b>${shout(id)}</b></li>`)}</ol>
      <ul>${keyed(
        Object.entries(senders),
        ([name]) => name,
        ([name, { applied, text }]) => html`<li title=${name}>${applied} ${text}</li>`,
      )}</ul>
      <p>${total % 7 === 0 ? html`<i>seven</i>` : total % 7 === 3 ? null : `${total % 7}`}</p>
    `,
    ...(schema > 0 && { schema, migrate: (old: unknown) => old as Board }),
  });
}

function send({ detail }: EventData): Message | null {
  const { sender, id } = detail as { readonly sender: string; readonly id: number };
  return { type: 'PersonSent', sender, id, text: textOf(id) };
}

/** What somebody has typed by their event with this id. */
export function textOf(id: number): string {
  return 'abcdefghijklmnopqrstuvwxyz'.slice(0, id % 27);
}

function fire(board: Board, key: string): Board {
  const { [key]: isPending, ...pending } = board.pending;
  return isPending ? { ...board, pending, fired: board.fired + 1 } : { ...board, firedTwice: board.firedTwice + 1 };
}

function finish(board: Board, key: string, result: string): Board {
  const { [key]: isAwaited, ...tasks } = board.tasks;
  const isRight = isAwaited && result === `${key} done`;
  return isRight ? { ...board, tasks, done: board.done + 1 } : { ...board, doneTwice: board.doneTwice + 1 };
}
