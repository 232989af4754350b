// The app of early.ts.

import { start } from '../../client-runtime/app/start.ts';
import { outer } from './early.ts';

start(outer, '#app');
