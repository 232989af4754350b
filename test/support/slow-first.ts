// The order of test files. Vitest begins with the biggest files of the first project; but those that start servers or wait
// for deadlines may be small, and one that begins last keeps everybody waiting with idle cores. Input: the files. Output:
// the same, those in further browsers first, and of each project those that take longest.

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take half a minute or more on two cores, longest first. */
const slow: readonly string[] = [
  'e2e/loop',
  'data-failures',
  'e2e/admin',
  'package',
  'e2e/fields',
  'starter',
  'kill',
  'e2e/looks',
  'database-outages',
  'e2e/lost-clicks',
  'owners-laws',
  'stores',
  'store-failures',
  'e2e/element-wire',
  'cluster',
  'admin-users',
  'e2e/votes',
  'guide',
  'deploy',
  'e2e/repository-loop',
  'e2e/predicted-deploy',
  'backup',
];

/** Projects in their order. One that is not named begins after them. */
const projectsInOrder: readonly string[] = ['firefox', 'webkit', 'node'];

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
    // projects stay one after the other: workers of one are of no use to another
    const placeOf = ({ project }: TestSpecification): number => {
      const place = projectsInOrder.indexOf(project.name);
      return place < 0 ? projectsInOrder.length : place;
    };
    return sorted.sort((left, right) => placeOf(left) - placeOf(right) || rankOf(left) - rankOf(right));
  }
}
