/*
 * Whether a file that is open is still the one under its name. Somebody may have removed it, or put another in its
 * place: the system keeps it for those who have it open, and what they write is gone with them.
 */

import { statSync } from 'node:fs';
import { DatabaseError } from './failures.ts';

export interface FilePlace {
  /** @throws DatabaseError `gone` */
  check(): void;
}

/** Begins with the file that has the name now. */
export function watchFile(name: string): FilePlace {
  const opened = identify(name);
  return {
    check() {
      const found = identify(name);
      if (found === undefined) throw new DatabaseError('gone', name, 'the file was removed');
      if (found !== opened) throw new DatabaseError('gone', name, 'another file has its name');
    },
  };
}

/**
 * While a file is open its number is not given to another. It is not opened here: to close it again would end the locks
 * that SQLite has on it.
 */
function identify(name: string): string | undefined {
  const found = statSync(name, { bigint: true, throwIfNoEntry: false });
  return found && `${found.dev} ${found.ino}`;
}
