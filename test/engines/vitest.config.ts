// The tests in further engines by themselves, components on both sides in each: `npm run test:engines`.

import { resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { engineProjects } from './projects.ts';

const root = resolve(import.meta.dirname, '../..');
// as in the main run
process.env.NODE_COMPILE_CACHE ??= resolve(root, 'node_modules/.cache/compiled');

export default defineConfig({
  // more browsers at once would wait for each other
  test: { root, maxWorkers: 2, projects: engineProjects(true) },
});
