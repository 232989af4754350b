/*
 * The admin page in the browser: the element of server components, the search field inside the table, and what the
 * table needs of the page.
 */

import '../element/element.ts';
import { answersAtOnce } from './switch.ts';
import { watchKeys } from './table-keys.ts';
import { watchTable } from './table-page.ts';
import { registerUserSearch } from './user-search.ts';

registerUserSearch();
// the table is there without it
if (answersAtOnce()) void import('./answers-users.ts').then(({ answerUsers }) => answerUsers());
for (const island of document.querySelectorAll<HTMLElement>('server-component[route="/ws/admin/users"]')) {
  watchTable(island);
  watchKeys(island);
}
