/*
 * A component as development runs it: what goes wrong in silence elsewhere throws here, at the message that did it. Input: a
 * component. Output: the same, whose models cannot be changed in place, and, where they are saved, are plain JSON.
 */

import type { AnyComponent, Component } from '../shared/language/component.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { IsletError } from '../shared/language/islet-error.ts';

type Checked = Component<unknown, AnyMessage, unknown>;

/** @param isSaved Whether models of it are saved. */
export function checkedComponent(component: AnyComponent, isSaved: boolean): AnyComponent {
  // a machine's context is XState's
  if ('machine' in component) return component;
  const { init, update } = component as Checked;
  const check = (next: unknown, name: string): unknown => {
    if (next instanceof Promise) {
      const cure = 'return [model, effect.from(async (dispatch) => ...)], and dispatch what comes';
      throw new IsletError('ISLET_ERR_COMPONENT', `${name} is async, and a model cannot wait: ${cure}`);
    }
    if (!Array.isArray(next)) return next;
    const [model] = next as readonly unknown[];
    const path = isSaved ? notPlain(model, 'model', new Set()) : undefined;
    if (path !== undefined) {
      const cure = 'what is saved is plain JSON: numbers, texts, booleans, null, arrays and plain objects';
      throw new IsletError('ISLET_ERR_COMPONENT', `${path} cannot be saved; ${cure}`);
    }
    freeze(model);
    return next;
  };
  return {
    ...(component as Checked),
    init: (props: unknown) => check(init(props), 'init') as ReturnType<typeof init>,
    update: (model: unknown, message: AnyMessage) =>
      check(update(model, message), 'update') as ReturnType<typeof update>,
  } as unknown as AnyComponent;
}

/** Freezes plain objects and arrays, all the way down. What is frozen already was looked at before. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isPlain(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}

/** Where something stands that JSON would lose, and what it is. */
function notPlain(value: unknown, path: string, around: Set<object>): string | undefined {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint')
    return `${path}, a ${typeof value},`;
  if (typeof value === 'number' && !Number.isFinite(value)) return `${path}, ${value},`;
  if (typeof value !== 'object' || value === null) return undefined;
  if (!isPlain(value)) return `${path}, a ${value.constructor?.name ?? 'special object'},`;
  if (around.has(value)) return `${path}, which holds itself,`;
  around.add(value);
  for (const [name, each] of Object.entries(value)) {
    const found = notPlain(each, Array.isArray(value) ? `${path}[${name}]` : `${path}.${name}`, around);
    if (found !== undefined) return found;
  }
  around.delete(value);
  return undefined;
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
