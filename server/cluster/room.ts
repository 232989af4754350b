/*
 * The people of one presence. Input: pages that come and go here, and the words of other processes about theirs.
 * Output: one list of people for those who listen, in which nobody flickers whose page is loaded again.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import { sliceLength } from '../slices.ts';
import type { Numbered } from './numbered.ts';
import { PeopleShown, type PersonHere } from './people-shown.ts';
import { decodeWord, type PersonWord, toWord } from './presence-words.ts';
import { type Subject, toSubject } from './subject.ts';

/** A process that has not been heard for so long has ended. */
const deadMs = 15_000;
/** Who has no page any more is shown for so long. */
export const graceMs = 5_000;
/** Those who are shown no more within so long of each other go at once. */
const gatherMs = 50;
/** All that is known of the people of one process is not said more often. */
const stateMs = 1_000;
export const maxNameLength = 200;
const maxMetaLength = 4_096;
/** Pages of one person that are counted in one process. */
const maxTabs = 100;
/** What the people here may take, in characters. */
const maxCharacters = 1024 * 1024;
/** What somebody takes besides their texts. */
const fixedCharacters = 100;

export interface RoomOptions {
  readonly numbered: Numbered | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Nobody here is in it, or listens, any more. */
  readonly onEmpty: () => void;
}

/** Somebody in one process. */
interface Place {
  readonly name: string;
  readonly meta: unknown;
  readonly tabs: number;
}

/** A process, and who is in it. */
interface Process {
  readonly people: Map<string, Place>;
  /** Something of it was missed: it is asked until it has said all. */
  isUnsure: boolean;
  timer: unknown;
}

export class Room {
  private readonly options: RoomOptions;
  private readonly subject: Subject;
  private readonly endHearing: (() => void) | undefined;
  /** Pages here, and whose they are. */
  private readonly tabs = new Map<string, string>();
  private readonly here = new Map<string, Place & { readonly pages: Set<string>; readonly characters: number }>();
  private characters = 0;
  private readonly others = new Map<string, Process>();
  private readonly shown = new PeopleShown();
  /** Of those who have no page: when they are not shown any more, the first first. */
  private readonly leaving = new Map<string, number>();
  /** For the first of them: of thousands who leave at once each timer would tell everybody of one. */
  private leavingTimer: unknown;
  private readonly listeners = new Set<(people: readonly PersonHere[]) => void>();
  private isTellDue = false;
  private isTelling = false;
  private stateSaidAt = Number.NEGATIVE_INFINITY;
  private stateTimer: unknown;
  private isClosed = false;

  constructor(name: string, options: RoomOptions) {
    this.options = options;
    this.subject = toSubject('presence', name);
    const { numbered } = options;
    this.endHearing = numbered?.listen(this.subject, {
      hear: (body, process) => this.hear(body, process),
      onGap: (process) => {
        for (const [name, other] of this.others) if (process === undefined || process === name) other.isUnsure = true;
        this.say(toWord({ kind: 'ask', process }));
        // who could not be reached knows nothing of those here
        if (process === undefined) this.sayState();
      },
    });
    this.say(toWord({ kind: 'ask', process: undefined }));
  }

  subscribe(listener: (people: readonly PersonHere[]) => void): () => void {
    // the same function may listen twice
    const own = (people: readonly PersonHere[]): void => listener(people);
    this.listeners.add(own);
    this.tell(own);
    return () => {
      if (this.listeners.delete(own)) this.endIfEmpty();
    };
  }

  /** @throws IsletError ISLET_ERR_PRESENCE */
  enter(tab: string, { id, name, meta }: { readonly id: string; readonly name: string; readonly meta: unknown }): void {
    const json = toJson(id, name, meta);
    const present = this.here.get(id);
    const characters = 2 * id.length + name.length + json.length + fixedCharacters;
    if (this.characters - (present?.characters ?? 0) + characters > maxCharacters) {
      throw new IsletError('ISLET_ERR_PRESENCE', `the people of one presence take ${maxCharacters} characters at most`);
    }
    const before = this.tabs.get(tab);
    if (before !== undefined && before !== id) this.leave(tab);
    const pages = present?.pages ?? new Set();
    if (pages.size < maxTabs || pages.has(tab)) {
      pages.add(tab);
      this.tabs.set(tab, id);
    }
    this.characters += characters - (present?.characters ?? 0);
    this.here.set(id, { name, meta: JSON.parse(json), tabs: pages.size, pages, characters });
    this.sayChange(id);
  }

  leave(tab: string): void {
    const id = this.tabs.get(tab);
    const present = id === undefined ? undefined : this.here.get(id);
    if (id === undefined || !present) return;
    this.tabs.delete(tab);
    present.pages.delete(tab);
    if (present.pages.size > 0) this.here.set(id, { ...present, tabs: present.pages.size });
    else {
      this.here.delete(id);
      this.characters -= present.characters;
    }
    this.sayChange(id);
    this.endIfEmpty();
  }

  /** All who are here, in this process. */
  list(): PersonWord[] {
    return [...this.here].map(([id, place]) => wordOf(id, place));
  }

  /** Shows people who were in a process that has stopped, and may be about to come to this one. */
  expect(people: readonly PersonWord[]): void {
    for (const { id, name, meta } of people) {
      if (this.shown.has(id)) continue;
      this.shown.set({ id, name, meta, tabs: 0 });
      this.update(id, true);
    }
  }

  /** Says that the people here are still here. Returns whether there are any. */
  renew(): boolean {
    if (this.here.size === 0) return false;
    this.say(toWord({ kind: 'lease' }));
    return true;
  }

  close(): void {
    if (this.here.size > 0) this.say(toWord({ kind: 'bye' }));
    this.end();
  }

  private hear(body: unknown, process: string): void {
    const word = decodeWord(body);
    if (!word) return;
    if (word.kind === 'ask') {
      if (word.process === undefined || word.process === this.options.numbered?.process) this.sayState();
      return;
    }
    if (word.kind === 'bye') {
      this.forget(process, true);
      return;
    }
    const other = this.others.get(process) ?? { people: new Map<string, Place>(), isUnsure: true, timer: undefined };
    const { people } = other;
    const { clock } = this.options;
    clock.clearTimeout(other.timer);
    other.timer = clock.setTimeout(() => this.forget(process, false), deadMs);
    this.others.set(process, other);
    if (word.kind === 'state') other.isUnsure = false;
    else if (other.isUnsure) this.say(toWord({ kind: 'ask', process }));
    if (word.kind === 'lease') return;
    const changed = new Set(word.people.map(({ id }) => id));
    if (word.kind === 'state') {
      for (const id of people.keys()) changed.add(id);
      people.clear();
    }
    for (const { id, name, meta, tabs } of word.people) {
      if (tabs > 0) people.set(id, { name, meta, tabs });
      else people.delete(id);
    }
    for (const id of changed) this.update(id, true);
    if (people.size === 0 && !other.isUnsure) this.forget(process, true);
  }

  /** @param isGraceful Its people may be about to come to another process. */
  private forget(process: string, isGraceful: boolean): void {
    const known = this.others.get(process);
    if (!known) return;
    this.options.clock.clearTimeout(known.timer);
    this.others.delete(process);
    for (const id of known.people.keys()) this.update(id, isGraceful);
  }

  /** Finds anew how somebody is shown. */
  private update(id: string, isGraceful: boolean): void {
    const places = [...this.others.values()].flatMap(({ people }) => people.get(id) ?? []);
    const here = this.here.get(id);
    if (here) places.push(here);
    const last = places.at(-1);
    this.leaving.delete(id);
    const shown = this.shown.get(id);
    if (last) {
      const tabs = places.reduce((sum, place) => sum + place.tabs, 0);
      this.shown.set({ id, name: last.name, meta: last.meta, tabs });
    } else if (shown && isGraceful) {
      this.shown.set({ ...shown, tabs: 0 });
      const { clock } = this.options;
      this.leaving.set(id, clock.now() + graceMs);
      this.leavingTimer ??= clock.setTimeout(this.endLeaving, graceMs);
    } else this.shown.delete(id);
    this.tellSoon();
  }

  private readonly endLeaving = (): void => {
    const { clock } = this.options;
    this.leavingTimer = undefined;
    const now = clock.now();
    let isChanged = false;
    for (const [id, at] of this.leaving) {
      if (at > now) {
        this.leavingTimer = clock.setTimeout(this.endLeaving, Math.max(at - now, gatherMs));
        break;
      }
      this.leaving.delete(id);
      this.shown.delete(id);
      isChanged = true;
    }
    if (isChanged) this.tellSoon();
    this.endIfEmpty();
  };

  private sayChange(id: string): void {
    const place = this.here.get(id);
    this.update(id, true);
    this.say(toWord({ kind: 'change', people: [wordOf(id, place)] }));
  }

  private sayState(): void {
    const { clock, numbered } = this.options;
    if (!numbered || this.here.size === 0 || this.stateTimer !== undefined) return;
    const waitMs = this.stateSaidAt + stateMs - clock.now();
    const sayNow = (): void => {
      this.stateTimer = undefined;
      this.stateSaidAt = clock.now();
      this.say(toWord({ kind: 'state', people: this.list() }));
    };
    if (waitMs <= 0) sayNow();
    else this.stateTimer = clock.setTimeout(sayNow, waitMs);
  }

  private say(word: string): void {
    if (!this.isClosed) this.options.numbered?.say(this.subject, word);
  }

  /** Many changes at once are told once, and what changes while thousands are being told is told when all have been. */
  private tellSoon(): void {
    this.isTellDue = this.listeners.size > 0;
    if (this.isTelling || !this.isTellDue) return;
    this.isTelling = true;
    queueMicrotask(() => {
      this.isTellDue = false;
      this.tellSome([...this.listeners].reverse());
    });
  }

  /** Some at a time, as of a topic. @param left Who is to be told, the last first. */
  private tellSome(left: ((people: readonly PersonHere[]) => void)[]): void {
    for (let count = 0; count < sliceLength; count++) {
      const listener = left.pop();
      if (!listener) {
        this.isTelling = false;
        if (this.isTellDue) this.tellSoon();
        return;
      }
      if (this.listeners.has(listener)) this.tell(listener);
    }
    setImmediate(() => this.tellSome(left));
  }

  private tell(listener: (people: readonly PersonHere[]) => void): void {
    try {
      listener(this.shown.all);
    } catch (err) {
      this.options.log.error({ err }, 'who listens to a presence threw');
    }
  }

  /** Whoever has just left is kept for those who may begin to listen. */
  endIfEmpty(): void {
    if (this.tabs.size > 0 || this.listeners.size > 0 || this.leaving.size > 0 || this.isClosed) return;
    this.end();
    this.options.onEmpty();
  }

  private end(): void {
    const { clock } = this.options;
    this.isClosed = true;
    this.endHearing?.();
    clock.clearTimeout(this.stateTimer);
    clock.clearTimeout(this.leavingTimer);
    for (const { timer } of this.others.values()) clock.clearTimeout(timer);
    this.listeners.clear();
  }
}

function wordOf(id: string, place: Place | undefined): PersonWord {
  return { id, name: place?.name ?? '', meta: place?.meta ?? null, tabs: place?.tabs ?? 0 };
}

/** Gives `meta` as JSON. @throws IsletError ISLET_ERR_PRESENCE */
function toJson(id: string, name: string, meta: unknown): string {
  for (const [what, text] of Object.entries({ id, name })) {
    if (typeof text === 'string' && text !== '' && text.length <= maxNameLength) continue;
    throw new IsletError('ISLET_ERR_PRESENCE', `${what} is a text of 1 to ${maxNameLength} characters`);
  }
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(meta ?? null);
  } catch (error) {
    cause = error;
  }
  if (json !== undefined && json.length <= maxMetaLength) return json;
  throw new IsletError('ISLET_ERR_PRESENCE', `meta is plain JSON of up to ${maxMetaLength} characters`, { cause });
}
