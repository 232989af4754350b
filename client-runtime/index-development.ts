/*
 * `islet/client` as it is in development, by the condition `development` of the package's exports: the same. It
 * says what is wrong with templates and pages, and components that run take other versions of themselves.
 */

import './app/renew.ts';
import './dom/development.ts';

export * from './index.ts';
