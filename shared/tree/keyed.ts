/*
 * Lists with keys, as a view writes them. What shows and compares them comes along with `keyed`: a page whose components
 * have none does not load it. Input: items. Output: their instances, and what changes of them.
 */

import { type Deps, type Items, type Key, Keyed, type MessageOf } from '../language/html.ts';
import type { Place } from '../template/place.ts';
import { diffKeyed } from './list.ts';
import {
  type Allocator,
  checkedKey,
  createInstance,
  type DiffTarget,
  duplicateKey,
  type Instance,
  keepItems,
  List,
  toTemplate,
} from './tree.ts';

const noDeps: Deps = {};

/** Values are compared by name, and given by name: those of a list would have none. */
interface NoList {
  readonly [Symbol.iterator]?: never;
}

/**
 * Renders a list whose items are told apart by a key. An item that is the same value as before (`Object.is`) is not
 * viewed again, so `view` may read nothing but the item and `deps`: whatever else it needs (the selected id, a filter)
 * is named there. When one of them is another value than before (`Object.is`), all items are viewed again.
 *
 * @param items An array, or a long list: of that, chunks that are the same as before are not looked at.
 * @param key A property's name or a function. No other item of the list has the same; if one has, the view throws.
 * @param view Gets the item, and `deps`.
 * @param deps A plain object. Default: none.
 * @example keyed(model.rows, 'id', (row) => html`<li>${row.label}</li>`)
 * @example keyed(model.rows, 'id', rowView, { selected: model.selected })
 */
export function keyed<Item, const View>(
  items: Items<Item>,
  key: Key<Item>,
  view: (item: Item) => View,
): Keyed<MessageOf<View>>;
export function keyed<Item, Named extends object, const View>(
  items: Items<Item>,
  key: Key<Item>,
  view: (item: Item, deps: Named) => View,
  deps: Named & NoList,
): Keyed<MessageOf<View>>;
export function keyed(
  items: Items<unknown>,
  key: string | ((item: never) => unknown),
  view: (item: never, deps: never) => unknown,
  deps: object = noDeps,
): Keyed<never> {
  return new ShownKeyed(items, key, view, deps as Deps);
}

/** A list that brings along how it is shown. */
export class ShownKeyed extends Keyed<never> {
  /** Makes the instances of all items. @param parent In whose hole the list stands. */
  create(allocator: Allocator, place: Place, parent: Instance): List {
    const keys = new Set<unknown>();
    const list = new List(parent, keepItems(this), this);
    list.instances = this.chunks.map((chunk) =>
      chunk.map((item) => {
        const key = checkedKey(this, item, place.hole);
        if (keys.has(key)) throw duplicateKey(this, key, place.hole);
        keys.add(key);
        return createInstance(toTemplate(this.view(item as never, this.deps as never)), allocator, place, list);
      }),
    );
    // whether a new row has the key of another is then known without a look at all; of an array all are looked at anyway
    if (list.instances[1]) list.keys = keys;
    return list;
  }

  /** Brings a list up to date; neither side is empty. */
  update(list: List, owner: Instance, hole: number, target: DiffTarget): void {
    diffKeyed(list, this, owner, hole, target);
  }
}
