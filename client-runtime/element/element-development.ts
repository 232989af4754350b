/*
 * `<server-component>` as `islet dev` builds it: the same, and what a page needs when it is changed is loaded at once.
 * It is changed soon, and perhaps while its server starts.
 */

import './element.ts';
import { repair } from '../dom/parts.ts';

void repair.load();
