/*
 * Rights that end on all machines (`app.islet.disconnect`, `app.islet.revoke`). Input: what the app says here, as data,
 * and what other processes have said. Output: the same for those whose connections are here. A process that may have
 * missed some has all of the last ten minutes said again: to end a connection twice does no harm.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Numbered } from './numbered.ts';
import { toSubject } from './subject.ts';

/** Whom it is about: those who have at least what the pattern has; without one everybody. */
export interface Revocation {
  readonly kind: 'disconnect' | 'revoke';
  readonly user?: unknown;
  readonly route?: string;
  readonly params?: unknown;
  readonly redirect?: string;
}

/**
 * Whom something is about: a user as `authenticate` gives it, or what is to be so of it. Fields that are left out may be
 * anything: `{ login: 'ann' }` is every user with that login, `{}` everybody who is somebody.
 */
export type UserPattern<User> = Partly<User> | null;

// of a text or a number it makes the same: no condition is needed, with which apps of some users were none of any
type Partly<Value> = { readonly [Name in keyof Value]?: Partly<Value[Name]> };

/** Which islands something is about; what is left out may be anything. */
export interface IslandPattern<User> {
  readonly user?: UserPattern<User>;
  /** As the route was declared. */
  readonly route?: string;
  readonly params?: { readonly [name: string]: string };
}

/** How long what was said is said again, and how much of it. */
const keptMs = 600_000;
const maxKept = 200;
/** Who asks again and again is answered so often. */
const answerMs = 1_000;

const subject = toSubject('revocation');

export interface RevocationsOptions {
  /** Undefined: there is no bus. */
  readonly numbered: Numbered | undefined;
  readonly clock: Clock;
  /** Does it for those who are connected here. */
  readonly carryOut: (revocation: Revocation) => void;
}

export class Revocations {
  private readonly options: RevocationsOptions;
  private readonly said: { readonly revocation: Revocation; readonly at: number }[] = [];
  private readonly endHearing: (() => void) | undefined;
  private answeredAt = Number.NEGATIVE_INFINITY;
  private timer: unknown;

  constructor(options: RevocationsOptions) {
    this.options = options;
    const { numbered } = options;
    this.endHearing = numbered?.listen(subject, {
      hear: (body) => this.hear(body),
      onGap: (process) => numbered.say(subject, JSON.stringify({ kind: 'ask', process })),
    });
  }

  /** Whether it has to be said as data, since others are to hear it. */
  get areTold(): boolean {
    return this.options.numbered !== undefined;
  }

  say(revocation: Revocation): void {
    const { numbered, clock, carryOut } = this.options;
    carryOut(revocation);
    if (!numbered) return;
    this.said.push({ revocation, at: clock.now() });
    if (this.said.length > maxKept) this.said.shift();
    numbered.say(subject, JSON.stringify(revocation));
  }

  close(): void {
    this.endHearing?.();
    this.options.clock.clearTimeout(this.timer);
  }

  private hear(body: unknown): void {
    if (typeof body !== 'object' || body === null || !('kind' in body)) return;
    if (body.kind === 'ask') {
      const { process } = body as { readonly process?: unknown };
      if (process === undefined || process === this.options.numbered?.process) this.sayAgain();
    } else if (body.kind === 'disconnect' || body.kind === 'revoke') this.options.carryOut(body as Revocation);
  }

  private sayAgain(): void {
    if (this.timer !== undefined) return;
    const { numbered, clock } = this.options;
    const sayNow = (): void => {
      this.timer = undefined;
      this.answeredAt = clock.now();
      while (this.said[0] && this.said[0].at < clock.now() - keptMs) this.said.shift();
      for (const { revocation } of this.said) numbered?.say(subject, JSON.stringify(revocation));
    };
    const waitMs = this.answeredAt + answerMs - clock.now();
    if (waitMs <= 0) sayNow();
    else this.timer = clock.setTimeout(sayNow, waitMs);
  }
}

/** Whether a user is meant. */
export function isAbout(revocation: Revocation, user: unknown): boolean {
  return revocation.user === undefined || matches(revocation.user, user);
}

/** Whether an island is meant. */
export function isAboutIsland(revocation: Revocation, user: unknown, route: string, params: unknown): boolean {
  if (revocation.route !== undefined && revocation.route !== route) return false;
  if (revocation.params !== undefined && !matches(revocation.params, params)) return false;
  return isAbout(revocation, user);
}

/** Whether a value has at least what a pattern has: the same text, or fields that match in turn. */
function matches(pattern: unknown, value: unknown): boolean {
  if (typeof pattern !== 'object' || pattern === null) return Object.is(pattern, value);
  if (typeof value !== 'object' || value === null) return Object.keys(pattern).length === 0 && value != null;
  return Object.entries(pattern).every(
    ([name, part]) =>
      Object.hasOwn(value, name) && matches(part, (value as { readonly [name: string]: unknown })[name]),
  );
}
