/*
 * A component as development runs it: what goes wrong in silence elsewhere throws here, at the message that did it.
 * Input: a component. Output: the same, whose models cannot be changed in place, and whose view gives a template. (What
 * is saved is checked where it is kept.)
 */

import type { AnyComponent, Component } from '../shared/language/component.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { IsletError } from '../shared/language/islet-error.ts';

type Checked = Component<unknown, AnyMessage, unknown>;

export function checkedComponent(component: AnyComponent): AnyComponent {
  // a machine's context is XState's
  if ('machine' in component) return component;
  const { init, update, view } = component as Checked;
  const check = (next: unknown, name: string, message?: AnyMessage): unknown => {
    if (next instanceof Promise) {
      const cure = 'return [model, effect.from(async (dispatch) => ...)], and dispatch what comes';
      throw new IsletError('ISLET_ERR_COMPONENT', `${name} is async, and a model cannot wait: ${cure}`);
    }
    if (next === undefined && message !== undefined) {
      const cure = 'is that one of its messages, and does each case return [model, effect]?';
      throw new IsletError('ISLET_ERR_COMPONENT', `update gave nothing for '${message.type}': ${cure}`);
    }
    if (!Array.isArray(next)) return next;
    const [model] = next as readonly unknown[];
    freeze(model);
    return next;
  };
  return {
    ...(component as Checked),
    init: (props: unknown) => check(init(props), 'init') as ReturnType<typeof init>,
    update: (model: unknown, message: AnyMessage) =>
      check(update(model, message), 'update', message) as ReturnType<typeof update>,
    view: (model: unknown) => {
      const shown: unknown = view(model);
      if (typeof shown !== 'string' && shown !== undefined) return shown as ReturnType<typeof view>;
      const cure = 'return html`...`: a text is shown as it is, tags and all';
      throw new IsletError('ISLET_ERR_COMPONENT', `view gives ${shown === undefined ? 'nothing' : 'a text'}; ${cure}`);
    },
  } as unknown as AnyComponent;
}

/** Freezes plain objects and arrays, all the way down. What is frozen already was looked at before. */
function freeze(value: unknown): void {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value) || !isPlain(value)) return;
  Object.freeze(value);
  for (const each of Object.values(value)) freeze(each);
}

function isPlain(value: object): boolean {
  const prototype = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}
