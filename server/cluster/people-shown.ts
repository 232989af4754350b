/*
 * Who is shown in a presence, in the order of their ids. Input: people who come, change and go, one at a time. Output: the
 * list of all, one and the same for everybody who listens until somebody changes: thousands are not sorted anew for each
 * who comes.
 */

import type { Person } from '../../shared/language/topic.ts';

export type PersonHere = Person<unknown>;

export class PeopleShown {
  private readonly byId = new Map<string, PersonHere>();
  private readonly inOrder: PersonHere[] = [];
  private told: readonly PersonHere[] | undefined;

  get(id: string): PersonHere | undefined {
    return this.byId.get(id);
  }

  has(id: string): boolean {
    return this.byId.has(id);
  }

  set(person: PersonHere): void {
    const { id } = person;
    this.inOrder.splice(this.placeOf(id), this.byId.has(id) ? 1 : 0, person);
    this.byId.set(id, person);
    this.told = undefined;
  }

  delete(id: string): void {
    if (!this.byId.delete(id)) return;
    this.inOrder.splice(this.placeOf(id), 1);
    this.told = undefined;
  }

  /** All of them, as a list that stays as it is. */
  get all(): readonly PersonHere[] {
    this.told ??= this.inOrder.slice();
    return this.told;
  }

  /** Where somebody stands, or would stand. */
  private placeOf(id: string): number {
    let [low, high] = [0, this.inOrder.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.inOrder[middle] as PersonHere).id < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
