/*
 * `islet/client`: what runs components in a page. Importing it defines `<server-component>`. The effects are those of
 * `islet`, which components that servers import too take from there.
 */

export { http } from '../shared/browser/http.ts';
export { followLinks, navigate, onUrlChange } from '../shared/browser/navigation.ts';
export { afterPaint, beforePaint, clipboard, focus, fromEventTarget, scrollTo, title } from '../shared/browser/page.ts';
export { storage } from '../shared/browser/storage.ts';

import './element/element.ts';

export { type ElementComponent, type ElementProps, register } from './app/register.ts';
export { type App, start } from './app/start.ts';
export type { ServerComponent } from './element/element.ts';
export type { State } from './element/remote-island.ts';
