/*
 * A component as development runs it: what goes wrong in silence elsewhere throws here, at the message that did it.
 * Input: a component. Output: the same, whose models cannot be changed in place, and whose view gives a template. (What
 * is saved is checked where it is kept.) One that pages predict is asked twice: what differs would be another thing there.
 */

import type { AnyComponent, Component } from '../shared/language/component.ts';
import { development } from '../shared/language/development.ts';
import type { AnyMessage } from '../shared/language/html.ts';
import { IsletError } from '../shared/language/islet-error.ts';
import { diffModel } from '../shared/wire/model-patch.ts';

type Checked = Component<unknown, AnyMessage, unknown>;

/** @param predicted The route that pages predict it by. */
export function checkedComponent(component: AnyComponent, predicted?: string): AnyComponent {
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
    update: (model: unknown, message: AnyMessage) => {
      const next = check(update(model, message), 'update', message) as ReturnType<typeof update>;
      if (predicted !== undefined) warnOfChance(predicted, message, next, () => update(model, message));
      return next;
    },
    view: (model: unknown) => {
      const shown: unknown = view(model);
      if (typeof shown !== 'string' && shown !== undefined) return shown as ReturnType<typeof view>;
      const cure = 'return html`...`: a text is shown as it is, tags and all';
      throw new IsletError('ISLET_ERR_COMPONENT', `view gives ${shown === undefined ? 'nothing' : 'a text'}; ${cure}`);
    },
  } as unknown as AnyComponent;
}

function warnOfChance(
  route: string,
  { type }: AnyMessage,
  [one]: readonly unknown[],
  again: () => readonly unknown[],
): void {
  let difference: ReturnType<typeof diffModel>[number] | undefined;
  try {
    [difference] = diffModel(one, again()[0]);
  } catch {
    // what was asked first counts
  }
  if (!difference) return;
  const place = ['the model', ...difference[0].map((key) => (typeof key === 'number' ? '[]' : key))].join('.');
  const cure =
    'take new names and times from client.newId() and client.now() of the handler, and put them into the message';
  development.warn?.(
    `update of '${route}' makes something else of '${type}' each time (${place}), and pages predict it: ${cure}`,
    '',
  );
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
