// `app.islet` before the plugin is registered: whoever forgot to await that is told so, and nobody else notices.

import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { type IsletApp, islet, registerIslet } from '../server/index.ts';
import { counter } from './support/counter.ts';

const words = /ISLET_ERR_OPTIONS: the plugin is not registered yet: await app\.register\(islet\)/;

test('a registration that is not awaited is named, by either way to register', async () => {
  const app = Fastify();
  app.register(islet);
  expect(() => app.islet.route('/ws/count', counter)).toThrow(words);
  await app.ready();
  expect(app.islet.isReady).toBe(true);
  await app.close();

  const registering = registerIslet(Fastify(), {});
  expect(() => (registering as unknown as IsletApp<unknown>).islet.route('/ws/count', counter)).toThrow(words);
  const registered = await registering;
  registered.islet.route('/ws/count', counter);
  await registered.close();
});

test('an app that never registers it is told so as well, and shows nothing of it to others', async () => {
  const app = Fastify();
  expect(() => app.islet).toThrow(words);
  expect(Object.keys(app)).not.toContain('islet');
  expect({ ...app }).not.toHaveProperty('islet');
  await app.close();
});

test('scopes beside each other have a plugin each, and a second one in the same is refused', async () => {
  const app = Fastify();
  for (const prefix of ['/one', '/two']) {
    app.register(
      async (scope) => {
        await scope.register(islet);
        scope.islet.route('/ws/count', counter);
      },
      { prefix },
    );
  }
  await app.ready();
  await app.close();
  const twice = Fastify();
  await twice.register(islet);
  await expect((async () => twice.register(islet))()).rejects.toThrow('registered here already');
  await twice.close();
});
