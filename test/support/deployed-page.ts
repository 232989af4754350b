// The browser's half of test/e2e/deploy-islands.test.ts.

import '../../client-runtime/element/element.ts';
import { register } from '../../client-runtime/app/register.ts';
import { note } from './deployed.ts';

register(note);
