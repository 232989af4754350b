/*
 * Runs a component as the app of a page. Input: the component, where it belongs, and its props, or a page that
 * `clientApp` rendered on the server, which brings them along. Output: a running island that has the page's nodes.
 */

import type { AnyStateMachine, EventFromLogic } from 'xstate';
import type { AnyComponent, Component, MachineComponent } from '../../shared/language/component.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { checks } from '../dom/checks.ts';
import { createProvider, type Provide } from '../dom/context-provider.ts';
import { dispatchEvent, findAll, toggleAttribute, write } from '../dom/native.ts';
import { LocalIsland } from './local-island.ts';
import { renewal } from './renewal.ts';

/** A running app. */
export interface App<Message> {
  readonly element: Element;
  dispatch(message: Message): void;
  /** Stops the app, its effects included. What is shown stays. */
  stop(): void;
}

/**
 * Starts a component in an element of the page. What `clientApp` rendered there is adopted, node for node, with the
 * props that it was rendered with; what a person typed or clicked meanwhile is told to the app. Any other content
 * is replaced.
 *
 * @param target The element, or its selector. It fires what the app emits.
 * @param props What `init` gets, if not what the page brings along.
 * @throws IsletError ISLET_ERR_COMPONENT when the page has no such element, and for a state machine where
 *   `islet/client/machines` was not imported.
 * @example const app = start(tracker, '#app');
 */
export function start<Machine extends AnyStateMachine>(
  component: MachineComponent<Machine>,
  target: string | Element,
  props?: unknown,
): App<EventFromLogic<Machine>>;
export function start<Model, Message extends AnyMessage, Props>(
  component: Component<Model, Message, Props>,
  target: string | Element,
  props?: Props,
): App<Message>;
export function start(component: AnyComponent, target: string | Element, props?: unknown): App<AnyMessage> {
  const element = typeof target === 'string' ? document.querySelector(target) : target;
  if (!element) throw new IsletError('ISLET_ERR_COMPONENT', `start: the page has no element '${target}'`);
  const running = renewal.restart?.(component, element);
  if (running) return running;
  // it may be a form, which has its controls under their names
  const [script] = findAll(element, ':scope > script[data-islet]');
  if (script) script.remove();
  else write(element, 'textContent', '');

  let provide: Provide | undefined;
  const island = new LocalIsland(component, props ?? (script && JSON.parse(script.textContent as string)), element, {
    onEmit(name, detail, options) {
      dispatchEvent.call(element, new CustomEvent(name, { detail, bubbles: true, composed: true, ...options }));
    },
    onProvide(key, value) {
      provide ??= createProvider(element);
      provide(key, value);
    },
    onReplaced: (found) => checks.replaced?.(element, found),
    onState(state) {
      toggleAttribute.call(element, 'data-failed', state === 'failed');
    },
  });
  island.start();
  island.flush();
  return {
    element,
    dispatch: (message) => island.dispatch(message),
    stop: () => island.stop(),
  };
}
