// The browser's half of test/e2e/nested.test.ts: an app that holds a client component, and a server component that
// holds one, too.

import '../../client-runtime/element/element.ts';
import '../../client-runtime/dom/development.ts';
import { register } from '../../client-runtime/app/register.ts';
import { start } from '../../client-runtime/app/start.ts';
import { nestedApp, note } from './nested.ts';

register(note);
start(nestedApp, '#app');
