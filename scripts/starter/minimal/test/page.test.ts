import { test } from 'node:test';
import { visit } from 'islet/testing';
import { createApp } from '../app.ts';

test('everybody counts together', async () => {
  await using app = await createApp();
  await using ann = await visit(app, '/');
  await using ben = await visit(app, '/');
  await ann.click('0 clicks');
  await ben.until('1 clicks');
});
