// The order of test files. Vitest begins with the biggest files; but those that start servers or wait for deadlines may
// be small, and one that begins last keeps everybody waiting with idle cores. Input: the files. Output: the same, those
// that take longest first.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take half a minute or more on two cores, longest first. */
const slow: readonly string[] = [
  'e2e/loop',
  'e2e/looks',
  'kill',
  'database-outages',
  'e2e/admin',
  'data-failures',
  'e2e/fields',
  'package',
  'starter',
  'cluster',
  'guide',
  'e2e/parts',
  'state-command',
  'e2e/lost-clicks',
];

for (const name of slow) {
  const file = resolve(import.meta.dirname, `../${name}.test.ts`);
  if (!existsSync(file)) throw new Error(`slow-first.ts names ${file}, which is not there`);
}

export class SlowFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rankOf = ({ moduleId }: TestSpecification): number => {
      const rank = slow.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`));
      return rank < 0 ? slow.length : rank;
    };
    const sorted = await super.sort(files);
    // projects stay one after the other
    const projects = [...new Set(sorted.map(({ project }) => project.name))];
    const placeOf = ({ project }: TestSpecification): number => projects.indexOf(project.name);
    return sorted.sort((left, right) => placeOf(left) - placeOf(right) || rankOf(left) - rankOf(right));
  }
}
