/*
 * What `app.islet` is before the plugin has been registered: an error that says what to do. Input: each Fastify that is
 * made once this module is loaded, as Fastify itself announces them. Output: a property that the plugin replaces.
 */

import { subscribe } from 'node:diagnostics_channel';
import type { FastifyInstance } from 'fastify';
import { IsletError } from '../shared/language/islet-error.ts';

const cure = 'await app.register(islet), or await registerIslet(app, options), before app.islet is used';

const missing: PropertyDescriptor = {
  configurable: true,
  enumerable: false,
  get() {
    throw new IsletError('ISLET_ERR_OPTIONS', `the plugin is not registered yet: ${cure}`);
  },
};

/** For the plugin: Fastify refuses to decorate with a name that is taken. */
export function makeWay(app: FastifyInstance): void {
  for (let each: object | null = app; each !== null; each = Object.getPrototypeOf(each)) {
    if (Object.getOwnPropertyDescriptor(each, 'islet')?.get) delete (each as { islet?: unknown }).islet;
  }
}

/** A promise of an app that is used as the app itself. */
export function markPending<App>(registering: Promise<App>): Promise<App> {
  return Object.defineProperty(registering, 'islet', missing);
}

subscribe('fastify.initialization', (message) => {
  const { fastify } = message as { readonly fastify: object };
  if (!('islet' in fastify)) Object.defineProperty(fastify, 'islet', missing);
});
