/*
 * What the admin page answers at once: filters, cells that are opened and left, what is being deleted. Input: the same
 * component as the server's. What it asks of its source only the server can do, and a page never starts it. A script of
 * its own, loaded when the page is there.
 */

import type { UserSource } from '../../components/admin/source.ts';
import { createUsersTable } from '../../components/admin/users-table.ts';
import { predict } from '../predict/predict.ts';

const onServer = (): never => {
  throw new Error('users are kept by the server');
};
const source: UserSource = {
  page: onServer,
  pageOf: onServer,
  edit: onServer,
  remove: onServer,
  restore: onServer,
  deletions: onServer,
  countries: onServer,
  changes: { name: 'users', subscribe: onServer },
  changeCount: 0,
  // whoever is not logged in any more is told so by the server
  isOpen: () => true,
};

export function answerUsers(): void {
  predict('/ws/admin/users', createUsersTable(source));
}
