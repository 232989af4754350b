import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createVisitor, visit } from 'islet/testing';
import { createApp } from '../app.ts';
import { openData } from '../data.ts';

test('whoever is logged in adds cards, and everybody sees them', async () => {
  await using app = await createApp(openData(':memory:'));
  await using stranger = await visit(app, '/');
  assert.match(stranger.text(), /Log in to add a card.*0 cards/);

  await using page = await createVisitor(app).visit('/login');
  await page.type('Name', 'ann');
  await page.type('Password', 'secret');
  await page.submit();
  assert.equal(page.path, '/');
  await page.type('Title', 'Milk');
  await page.click('Add');
  await page.until('1 card');
  await stranger.until('Milk by ann');

  await assert.rejects(stranger.click('Remove'), /ISLET_ERR_EVENT_FORBIDDEN/);
  await page.click('Remove');
  await stranger.until('0 cards');
});

test('a wrong password, and a form of another site, let nobody in', async () => {
  const data = openData(':memory:');
  data.logIn('ann', 'secret');
  await using app = await createApp(data);
  await using page = await visit(app, '/login');
  await page.type('Name', 'ann');
  await page.type('Password', 'wrong');
  await page.submit();
  assert.deepEqual([page.status, page.byRole('alert').text], [422, 'This name and password do not go together.']);

  const forged = await app.inject({ method: 'POST', url: '/login', payload: { name: 'ann', password: 'secret' } });
  assert.equal(forged.statusCode, 403);
});

test('after a logout one is nobody', async () => {
  await using app = await createApp(openData(':memory:'));
  const ann = createVisitor(app);
  await using page = await ann.visit('/login');
  await page.type('Name', 'ann');
  await page.type('Password', 'secret');
  await page.submit();
  await page.click('Log out');
  assert.match(page.text(), /Log in to add a card/);
  assert.deepEqual(ann.cookies, {});
});
