// The browser's half of test/e2e/events.test.ts: the components as elements.

import { register } from '../../client-runtime/app/register.ts';
import { heard } from './heard.ts';

for (const component of heard) register(component);
