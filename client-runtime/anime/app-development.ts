/*
 * The anime tracker in the browser as `npm run dev` builds it: it says what is wrong with templates and
 * pages, and components that run take other versions of themselves.
 */

import '../app/renew.ts';
import '../dom/development.ts';
import './app.ts';
