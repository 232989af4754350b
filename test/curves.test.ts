// What is done costs what it changes, and not what there is besides: the work of each workload is counted at two sizes
// (blocks of code entered, items copied, characters of JSON), and must not grow with a higher power than its curve may.
// The whole curves, in microseconds, are those of `npm run bench:curves`.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { exponentOf } from '../bench/curves/exponent.ts';
import type { MeasuredCurve } from '../bench/curves.ts';

test('the work of no workload grows faster with the size of what there is than it may', async () => {
  const script = new URL('../bench/curves.ts', import.meta.url).pathname;
  const parameters = [script, '--work', '--short', '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, parameters, { maxBuffer: 10_000_000 });
  const curves = JSON.parse(stdout) as MeasuredCurve[];
  expect(curves.length).toBeGreaterThan(10);
  const tooSteep = curves.flatMap(({ title, of, points, limit }) => {
    expect(points).toHaveLength(2);
    // what was counted is this project's code: nothing takes less
    for (const { cost } of points) expect(cost, title).toBeGreaterThan(10);
    const exponent = exponentOf(points);
    const costs = points.map(({ size, cost }) => `${cost.toFixed(0)} with ${size} ${of}`).join(', ');
    return exponent <= limit ? [] : [`${title}: ${costs}; the exponent is ${exponent.toFixed(2)}, above ${limit}`];
  });
  expect(tooSteep).toEqual([]);
}, 120_000);

test.each([
  [0, [5, 5, 5]],
  [1, [3, 30, 300]],
  [2, [2, 200, 20_000]],
  [-1, [700, 70, 7]],
])('a cost that grows with the power %d of the size is found to', (exponent, costs) => {
  const points = costs.map((cost, index) => ({ size: 10 ** index, cost }));
  expect(exponentOf(points)).toBeCloseTo(exponent);
});
