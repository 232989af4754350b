/*
 * Where the scripts come from that are loaded later (`parts.ts`): beside the one that loads them.
 */

import { repair, special } from './parts.ts';

repair.start = () => import('./repair.ts');
special.start = () => import('./special.ts');
