/*
 * Everything that components in the browser need, as one module: what `islet` and `islet/client` offer, without the
 * server component's element. It is what a test weighs, and pages without a bundler can import it: `/islet/spa.js`.
 */

export { http } from '../shared/browser/http.ts';
export { followLinks, navigate, onUrlChange } from '../shared/browser/navigation.ts';
export { afterPaint, beforePaint, clipboard, focus, fromEventTarget, scrollTo, title } from '../shared/browser/page.ts';
export { storage } from '../shared/browser/storage.ts';
export { component } from '../shared/language/component.ts';
export { effect } from '../shared/language/effect.ts';
export { html, mapMessages, mathml, memo, svg, unsafeHtml } from '../shared/language/html.ts';
export { matchRoute, route } from '../shared/language/route.ts';
export { keyed } from '../shared/tree/keyed.ts';
export { on } from '../shared/wire/on.ts';
export { register } from './app/register.ts';
export { start } from './app/start.ts';
