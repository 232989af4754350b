/*
 * The anime tracker in the browser as `npm run dev` builds it: it says what is wrong with templates and pages.
 */

import '../dom/development.ts';
import './app.ts';
