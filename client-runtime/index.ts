/*
 * `islet/client`: what runs components in a page. Importing it defines `<server-component>`. The effects are those of
 * `islet`, which components that servers import too take from there.
 */

export { http } from '../shared/browser/http.ts';
export { followLinks, navigate, onUrlChange } from '../shared/browser/navigation.ts';
export { afterPaint, beforePaint, clipboard, focus, fromEventTarget, scrollTo, title } from '../shared/browser/page.ts';
export { storage } from '../shared/browser/storage.ts';

import './element.ts';

export type { ServerComponent } from './element.ts';
export { type ElementComponent, type ElementProps, register } from './register.ts';
export type { State } from './remote-island.ts';
export { type App, start } from './start.ts';
