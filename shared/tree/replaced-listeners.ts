/*
 * What listeners were before they were replaced: an event means what its person saw, however late it comes. Input: the
 * changes of each rendering that made a version, and events that say which version was seen. Output: the listener that
 * stood there then.
 */

import { On } from '../language/events.ts';
import type { MessageMap } from '../language/html.ts';
import * as HoleKind from '../template/hole-kind.ts';
import type { Journal } from './journal.ts';
import type { FoundListener } from './rendering.ts';
import { isSameData } from './same-data.ts';
import { Instance, MappedInstance } from './tree.ts';

/** So many replaced listeners are known. */
const maxReplaced = 2_048;

interface Replaced {
  /** The last version in which it was heard. */
  readonly until: number;
  readonly instance: Instance;
  /** The number of its hole, or the property of a message map. */
  readonly key: PropertyKey;
  readonly before: unknown;
}

export class ReplacedListeners {
  /** In the order in which they were replaced. */
  private replaced: Replaced[] = [];
  /** Of those that are not known any more the last version in which one was heard, by their place. */
  private forgotten: WeakMap<Instance, Map<PropertyKey, number>> | undefined;
  /** Of what was heard up to this version nothing is known. */
  private forgottenUpTo = -1;

  /** Notes what a rendering has replaced. @param version The one before it. */
  note(journal: Journal, version: number): void {
    journal.forEach((instance, key, before) => {
      if (!(instance instanceof Instance) || !isListened(instance, key)) return;
      const now = (instance as unknown as Record<PropertyKey, unknown>)[key];
      if (isSameData(messageOf(before), messageOf(now))) return;
      this.replaced.push({ until: version, instance, key, before });
    });
    // by a quarter, so that few renderings have to
    if (this.replaced.length > maxReplaced) this.drop(this.replaced.length - 0.75 * maxReplaced);
  }

  /** Nobody has a version before this one any more. */
  forget(version: number): void {
    if (this.replaced.length === 0) return;
    const first = this.replaced.findIndex(({ until }) => until >= version);
    if (first !== 0) this.replaced = first < 0 ? [] : this.replaced.slice(first);
  }

  /** The tree is made anew: what its instances were is not known any more. */
  forgetAll(): void {
    for (const { until } of this.replaced) this.forgottenUpTo = Math.max(this.forgottenUpTo, until);
    this.replaced = [];
  }

  /**
   * Finds the listener that stood at a place in an earlier version, with what its messages went through.
   *
   * @returns Undefined: nothing was heard there, or nobody knows any more which message it was. A function that is not
   *   known any more is the one of now: what it is told by the event says most of what it makes of it.
   */
  asSeen(found: FoundListener, version: number): FoundListener | undefined {
    // of most actors nothing has been replaced that anybody may have seen
    if (this.replaced.length === 0 && !this.forgotten && this.forgottenUpTo < version) return found;
    const { instance, hole } = found;
    const listener = this.before(instance, hole, version, found.listener);
    if (listener === unknown || listener === null) return undefined;
    const around = [instance, ...found.outer.map((each) => each.instance)];
    const maps = around
      .filter((each) => each instanceof MappedInstance)
      .map((each) => this.before(each, 'messageMap', version, each.messageMap) as MessageMap);
    return { ...found, listener, maps };
  }

  private before(instance: Instance, key: PropertyKey, version: number, now: unknown): unknown {
    const { replaced } = this;
    if (Math.max(this.forgottenUpTo, this.forgotten?.get(instance)?.get(key) ?? -1) >= version)
      return typeof messageOf(now) === 'function' ? now : unknown;
    let before = now;
    for (let at = replaced.length - 1; at >= 0; at--) {
      const each = replaced[at] as Replaced;
      if (each.until < version) break;
      if (each.instance !== instance || each.key !== key) continue;
      before = each.before;
    }
    return before;
  }

  private drop(count: number): void {
    this.forgotten ??= new WeakMap();
    for (const { until, instance, key } of this.replaced.splice(0, count)) {
      const places = this.forgotten.get(instance) ?? new Map<PropertyKey, number>();
      this.forgotten.set(instance, places.set(key, until));
    }
  }
}

const unknown = Symbol('unknown');

function isListened({ definition }: Instance, key: PropertyKey): boolean {
  return key === 'messageMap' || (typeof key === 'number' && definition.holes[key]?.kind === HoleKind.event);
}

function messageOf(listener: unknown): unknown {
  return listener instanceof On ? listener.handler : listener;
}
