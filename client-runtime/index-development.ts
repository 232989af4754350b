/*
 * `islet/client` as it is in development, by the condition `development` of the package's exports: the same, and it
 * says what is wrong with templates and pages.
 */

import './dom/development.ts';

export * from './index.ts';
