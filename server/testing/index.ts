/*
 * `islet/testing`: components as values, and whole pages without a browser.
 */

export { ManualClock } from './clock.ts';
export { type Observed, observe, type Simulation, simulate } from './simulate.ts';
