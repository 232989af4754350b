// The clock that tests move by hand: that of `islet/testing`.

export { ManualClock, settled } from '../../server/testing/clock.ts';
