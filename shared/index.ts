/*
 * `islet`: what components and pages are written with, on either side.
 */

export { type HttpAnswer, type HttpBodyOptions, type HttpError, type HttpOptions, http } from './browser/http.ts';
export { followLinks, navigate, onUrlChange } from './browser/navigation.ts';
export { afterPaint, beforePaint, clipboard, focus, fromEventTarget, scrollTo, title } from './browser/page.ts';
export { type StorageError, type StorageReadOptions, type StorageWriteOptions, storage } from './browser/storage.ts';
export {
  type Component,
  type ComponentDefinition,
  component,
  type MachineComponent,
  type MachineDefinition,
} from './language/component.ts';
export {
  type AttemptOutcomes,
  type Dispatch,
  type Effect,
  type EffectContext,
  type EmitOptions,
  effect,
} from './language/effect.ts';
export type { ElementOptions, FormOptions, FormValue, Invalidity, ShadowOptions } from './language/element-options.ts';
export { type ErrorCode, errorCatalogue } from './language/errors.ts';
export type {
  Client,
  EventClient,
  EventData,
  EventDataWith,
  EventHandler,
  FormFile,
  Json,
} from './language/events.ts';
export type { FieldKind, FieldsOf, FormFields, WantedFields } from './language/fields.ts';
export {
  type AnyMessage,
  type Embedded,
  type HoleValue,
  html,
  mapMessages,
  mathml,
  memo,
  svg,
  type Template,
  unsafeHtml,
} from './language/html.ts';
export { IsletError } from './language/islet-error.ts';
export { type List, list } from './language/list.ts';
export type { OnOptions } from './language/on-options.ts';
export { Refused } from './language/refused.ts';
export { matchRoute, type Route, type RouteMatch, route } from './language/route.ts';
export { type Plain, Task, type TaskDead, type TaskDone, type TaskMessages, task } from './language/task.ts';
export type { Audible, ListenOptions, Person, Presence, SubscribeOptions, Topic } from './language/topic.ts';
export { keyed } from './tree/keyed.ts';
export { on } from './wire/on.ts';
