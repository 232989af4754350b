/*
 * Records clicks, forms that are sent, and what was loaded or could not be, until the app's script runs, which delivers
 * that then (`replay.ts`). It is a script of its own, a few hundred bytes that a page may load before anything else:
 * `<script async src="/islet/early.js"></script>`.
 */

import { record } from './record.ts';

const events: Event[] = [];

// a window hears of no image that was loaded
customElements.isletEarly = { events, stop: record(document, events) };
