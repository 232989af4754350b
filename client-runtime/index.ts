/*
 * `islet/client`: what runs components in a page. Importing it defines `<server-component>`. Effects are those of
 * `islet`.
 */

import './element/element.ts';

export { type ElementComponent, type ElementProps, register } from './app/register.ts';
export { type App, start } from './app/start.ts';
export type { ServerComponent } from './element/element.ts';
export type { State as IslandState } from './element/remote-island.ts';
export { type PredictOptions, predict } from './predict/predict.ts';
