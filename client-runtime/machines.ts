/*
 * `islet/client/machines`: imported once, it lets components that are state machines run in a page. It brings XState,
 * which pages without such components do not load.
 */

import '../shared/runtime/machine-logic.ts';
