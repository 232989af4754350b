/*
 * The stream of what happens to running components: one typed event for each thing that happened. Log lines, counters,
 * devtools and tests read it. Input: the runtime and the server tell it. Output: calls of whoever listens. Where nobody
 * listens to a kind, no event is made: ask `hears` before one is put together.
 */

import type { ErrorCode } from '../language/errors.ts';
import type { AnyMessage } from '../language/html.ts';
import type { Decision } from './restart-policy.ts';

/** What happened. `actor` is the id of an actor; times are in milliseconds, sizes in characters. */
export type Happening =
  | { readonly kind: 'started'; readonly actor: string; readonly isRestart: boolean }
  | { readonly kind: 'message'; readonly actor: string; readonly message: AnyMessage }
  /** `messages` is how many messages the turn had. */
  | { readonly kind: 'rendered'; readonly actor: string; readonly messages: number; readonly ms: number }
  /** What was rendered is being committed; it has been committed, and is delivered now. */
  | { readonly kind: 'committing'; readonly actor: string }
  | { readonly kind: 'committed'; readonly actor: string }
  | { readonly kind: 'patch'; readonly actor: string; readonly version: number; readonly size: number }
  /** A message or an event was not applied. `error` is what the component threw, if it did. */
  | {
      readonly kind: 'refused';
      readonly actor: string;
      readonly code: ErrorCode;
      readonly message: AnyMessage | undefined;
      readonly error: unknown;
    }
  /** The actor was stopped, and what follows. */
  | {
      readonly kind: 'failure';
      readonly actor: string;
      readonly component: string | undefined;
      readonly error: unknown;
      readonly decision: Decision;
    }
  /** A run threw; the actor goes on, or (`isStray`) had stopped before. */
  | { readonly kind: 'run failed'; readonly actor: string; readonly error: unknown; readonly isStray: boolean }
  /** Something became of a durable task. */
  | {
      readonly kind: 'task';
      readonly actor: string;
      readonly step: TaskStep;
      readonly name: string;
      /** Names it among all that there ever are. */
      readonly key: string;
      /** How often it was tried, with the present try. */
      readonly attempt: number;
      /** Why it is not done. */
      readonly error: string | undefined;
    }
  /** A turn kept the event loop for longer than the setting allows. */
  | {
      readonly kind: 'slow';
      readonly actor: string;
      readonly component: string | undefined;
      /**
       * Type of the message whose handler, update or effect took the time; `@click` where the handler made none, `init`
       * for `init` and its effects; undefined where the view took it.
       */
      readonly message: string | undefined;
      readonly ms: number;
    }
  /** An island has joined; it stays joined while its client is away, until it has left. */
  | { readonly kind: 'joined'; readonly actor: string; readonly route: string; readonly client: string }
  | { readonly kind: 'left'; readonly actor: string; readonly route: string; readonly client: string }
  /** A connection has ended. Its routes are named as they were declared. */
  | {
      readonly kind: 'closed';
      /** Whose connection it was, once it had said hello. */
      readonly client: string | undefined;
      readonly routes: readonly string[];
      /** Frames that came, and events among them. */
      readonly frames: number;
      readonly events: number;
      readonly joins: number;
      readonly refused: number;
      /** WebSocket close code. */
      readonly code: number;
      /** Why the server ended it, if it did. */
      readonly why: ErrorCode | undefined;
      /** What the peer did to the transport, as the transport calls it. */
      readonly problem: string | undefined;
      readonly ms: number;
    }
  | { readonly kind: 'stopped'; readonly actor: string };

/**
 * What becomes of a task: it is stored, its function is called, a try has failed, its result or its end is stored.
 * `removed`: it was dead, and others needed its place.
 */
export type TaskStep = 'asked' | 'started' | 'failed' | 'done' | 'dead' | 'removed';

export type Kind = Happening['kind'];
type HappeningOf<Wanted extends Kind> = Extract<Happening, { kind: Wanted }>;

export class Inspector {
  private readonly listeners = new Map<Kind, Set<(happening: Happening) => void>>();

  /** Whether anybody listens to a kind. */
  hears(kind: Kind): boolean {
    return this.listeners.has(kind);
  }

  /** Tells everybody who listens. What a listener throws must not harm what it watches. */
  tell(happening: Happening): void {
    for (const listener of this.listeners.get(happening.kind) ?? []) {
      try {
        listener(happening);
      } catch {
        // a watcher's fault is not the actor's
      }
    }
  }

  /** Listens to some kinds; returns the function that ends it. */
  on<Wanted extends Kind>(kinds: readonly Wanted[], listener: (happening: HappeningOf<Wanted>) => void): () => void {
    const isWanted = (happening: Happening): happening is HappeningOf<Wanted> =>
      (kinds as readonly Kind[]).includes(happening.kind);
    const hear = (happening: Happening): void => {
      if (isWanted(happening)) listener(happening);
    };
    for (const kind of kinds) {
      const present = this.listeners.get(kind) ?? new Set();
      this.listeners.set(kind, present.add(hear));
    }
    return () => {
      for (const kind of kinds) {
        const present = this.listeners.get(kind);
        present?.delete(hear);
        if (present?.size === 0) this.listeners.delete(kind);
      }
    };
  }
}
