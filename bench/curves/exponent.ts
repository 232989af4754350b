/*
 * How a cost grows with a size: the exponent of the power that fits best. 0: not at all; 1: in proportion.
 */

export interface Point {
  readonly size: number;
  readonly cost: number;
}

/** The slope of the line through the logarithms, by least squares. */
export function exponentOf(points: readonly Point[]): number {
  const logs = points.map(({ size, cost }) => [Math.log(size), Math.log(cost)] as const);
  const mean = (place: 0 | 1): number => logs.reduce((sum, log) => sum + log[place], 0) / logs.length;
  const [size, cost] = [mean(0), mean(1)];
  let [above, below] = [0, 0];
  for (const [x, y] of logs) {
    above += (x - size) * (y - cost);
    below += (x - size) ** 2;
  }
  return above / below;
}
