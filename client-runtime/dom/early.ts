/*
 * Records what happens before the app's script runs, which delivers that then (`record.ts`, `replay.ts`). It is a script
 * of its own, a few hundred bytes that a page may load before anything else:
 * `<script async src="/islet/early.js"></script>`.
 */

import { record } from './record.ts';

customElements.isletEarly ??= record();
