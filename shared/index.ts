/*
 * `islet`: what components and pages are written with, on either side.
 */

export {
  type Component,
  type ComponentDefinition,
  component,
  type MachineComponent,
  type MachineDefinition,
} from './component.ts';
export { type Dispatch, Effect, type EffectContext, effect } from './effect.ts';
export { type ErrorCode, errorCatalogue, IsletError } from './errors.ts';
export { type Client, type EventData, type EventHandler, type Json, on, type OnOptions } from './events.ts';
export {
  type AnyMessage,
  html,
  keyed,
  mapMessages,
  mathml,
  memo,
  nothing,
  svg,
  Template,
  unsafeHtml,
} from './html.ts';
