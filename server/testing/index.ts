/*
 * `islet/testing`: components as values, and whole pages without a browser.
 */

export { ManualClock } from './clock.ts';
export type { Emitted } from './islands.ts';
export type { Locator } from './locator.ts';
export type { Target, VisitedPage } from './page.ts';
export type { TextMatch } from './queries.ts';
export { type Observed, observe, type Simulation, simulate } from './simulate.ts';
export { createVisitor, type Visitor, type VisitorOptions, visit } from './visit.ts';
