/*
 * `islet/client`: what runs components in a page. Importing it does nothing: the element of server components is another
 * face (`islet/client/element`), since an app of the browser alone needs none. Effects are those of `islet`.
 */

export { type ElementComponent, type ElementProps, register } from './app/register.ts';
export { type App, start } from './app/start.ts';
export type { ServerComponent } from './element/element.ts';
export type { State as IslandState } from './element/remote-island.ts';
export { type PredictOptions, predict } from './predict/predict.ts';
