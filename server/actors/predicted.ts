/*
 * What a route does differently whose pages run its component, too. Input: a component, and the options of its route.
 * Output: the component as the server runs it, and what of its model a page may have. The view sees what pages see:
 * then both draw the same, and a place in one view is a place in the other.
 */

import { type AnyComponent, type Component, isComponent } from '../../shared/language/component.ts';
import { Effect, isOfBrowser } from '../../shared/language/effect.ts';
import type { Client, Json } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { anyCode } from '../../shared/wire/frames.ts';
import { you } from '../../shared/wire/patch.ts';
import { encodeOperations } from '../../shared/wire/server-frames.ts';
import type { ServerClock } from '../system-clock.ts';
import { isPlainJson } from './plain-json.ts';
import { leavingOut } from './public-model.ts';
import type { DeclaredOptions } from './route-options.ts';

export interface Predicted {
  /** Names the code that a page has to have. */
  readonly code: string;
  /** Pages may keep what is done while they are offline. */
  readonly isOffline: boolean;
  /** What of a model a page may have: the same for the same model. */
  toPublic(model: unknown): unknown;
  /** What of a user the handlers in a page may know. */
  toPublicUser(user: unknown): Json;
}

type Run = Component<unknown, AnyMessage, unknown>;

/** Gives how a route is predicted, and its component as the server runs it; undefined: it is not predicted. */
export function toPredicted(
  component: AnyComponent,
  options: DeclaredOptions,
): { readonly predicted: Predicted; readonly component: AnyComponent } | undefined {
  const { predict, keeps = [], publicUser } = options;
  if (!predict || !isComponent(component) || 'machine' in component) return undefined;
  const { init, update, view } = component as Run;
  const toPublic = leavingOut(keeps);
  return {
    predicted: {
      code: (typeof predict === 'object' ? predict.code : undefined) ?? anyCode,
      isOffline: typeof predict === 'object' && predict.offline === true,
      toPublic,
      toPublicUser: (user) => (publicUser ? publicUser(user) : null),
    },
    component: {
      ...(component as Run),
      init: (props: unknown) => onServer(init(props)),
      update: (model: unknown, message: AnyMessage) => onServer(update(model, message)),
      view: (model: unknown) => view(toPublic(model)),
    } as unknown as AnyComponent,
  };
}

/** Says as whom the handlers in a page are called, as an operation. */
export function sayWho(
  predicted: Predicted | undefined,
  { id, user }: Client,
  person: string | undefined,
  clock: ServerClock,
): string {
  const mark = predicted?.isOffline ? person : undefined;
  return encodeOperations([you(id, predicted?.toPublicUser(user) ?? null, clock.timeOfDay(), mark)]);
}

/** @throws IsletError ISLET_ERR_STATE_PLAIN for a model, or changes of one, that no page would get as they are. */
export function checkPublic(value: unknown): void {
  if (isPlainJson(value)) return;
  const cure = 'keep numbers, texts, lists and records, such as a time as milliseconds and a Map as its entries';
  throw new IsletError('ISLET_ERR_STATE_PLAIN', `what pages get of a predicted model must be plain JSON: ${cure}`);
}

/** What only a browser can do, the page does that caused it. */
function onServer([model, effect]: ReturnType<Run['update']>): ReturnType<Run['update']> {
  if (!effect.parts.some(isOfBrowser)) return [model, effect];
  return [model, new Effect<AnyMessage>(effect.parts.filter((part) => !isOfBrowser(part)))];
}
