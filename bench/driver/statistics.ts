/*
 * Small statistics: medians and percentiles.
 */

/** The median; NaN of nothing. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}

/** The value below which a share of the values lies, by interpolation; NaN of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] as number;
  const above = sorted[Math.ceil(position)] as number;
  return below + (above - below) * (position - Math.floor(position));
}

/** The mean of the middle half of the values: finer than the clock, and deaf to whatever else a machine does. */
export function trimmedMean(values: readonly number[]): number {
  const [low, high] = [percentile(values, 0.25), percentile(values, 0.75)];
  const kept = values.filter((value) => value >= low && value <= high);
  return kept.reduce((sum, value) => sum + value, 0) / kept.length;
}

/** A bounded record of latencies in milliseconds: past its size it keeps every second, then every fourth, ... */
export class Latencies {
  private readonly values: number[] = [];
  private step = 1;
  private seen = 0;

  add(ms: number): void {
    if (this.seen++ % this.step !== 0) return;
    this.values.push(ms);
    if (this.values.length < 100_000) return;
    for (let index = 0; index < 50_000; index++) this.values[index] = this.values[index * 2] as number;
    this.values.length = 50_000;
    this.step *= 2;
  }

  /** In microseconds. */
  percentile(share: number): number {
    return percentile(this.values, share) * 1_000;
  }
}
