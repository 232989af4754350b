/*
 * Where the scripts come from that are loaded later (`parts.ts`): beside the one that loads them.
 */

import { repair, special } from './parts.ts';

repair.start = () => import('./repair.ts').then(({ part }) => part);
special.start = () => import('./special.ts').then(({ part }) => part);
