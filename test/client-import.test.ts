// A build asks components for their names in Node, and a test imports what it tests: no module of the client may ask for a
// DOM before it is used.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

test.each(['index.ts', 'index-development.ts'])(
  'client-runtime/%s can be imported where there is no DOM',
  async (name) => {
    const { href } = new URL(`../client-runtime/${name}`, import.meta.url);
    const script = `const { register } = await import('${href}'); console.log(typeof register)`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
    expect(stdout.trim()).toBe('function');
  },
);
