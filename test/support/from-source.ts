// `node --import` of this file has programs import `islet` and its like as users do, from the sources of this
// repository.

import { registerHooks } from 'node:module';

const faces: { readonly [name: string]: string } = {
  islet: '../../shared/index.ts',
  'islet/client': '../../client-runtime/index.ts',
  'islet/client/element': '../../client-runtime/element/element.ts',
  'islet/client/machines': '../../client-runtime/machines.ts',
  'islet/server': '../../server/index.ts',
  'islet/testing': '../../server/testing/index.ts',
};

registerHooks({
  resolve(specifier, context, next) {
    const face = faces[specifier];
    return face === undefined ? next(specifier, context) : next(new URL(face, import.meta.url).href, context);
  },
});
