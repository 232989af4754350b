// The guide can be followed: its commands are run in an empty folder, its files written, its pages looked at.

import { expect, test } from 'vitest';
import { followGuide } from './guide/follow.ts';
import { readSteps } from './guide/steps.ts';

test('whoever follows the guide literally gets to its end', { timeout: 300_000 }, () => followGuide());

test('a block of which nobody knows what to do with it is an error, and not passed over', () => {
  expect(() => readSteps('```ts\nconst nowhere = 1;\n```\n')).toThrow('nobody knows what to do with');
});

test('lines make way for those that follow them, and new lines alone stand at the beginning', () => {
  const page = '```ts edit app.ts\n+a\n-b\n-c\n+d\n-e\n```\n';
  expect(readSteps(page)).toEqual([
    {
      kind: 'edit',
      path: 'app.ts',
      changes: [
        { before: '', after: 'a\n' },
        { before: 'b\nc\n', after: 'd\n' },
        { before: 'e\n', after: '' },
      ],
    },
  ]);
});
