/*
 * Opens the database that the environment names, for a program: a database that cannot be used ends the program, with a
 * message for a person and an exit code for a service manager.
 */

import { type Database, type DatabaseOptions, openDatabase } from './database.ts';
import { DatabaseError } from './failures.ts';
import { type DatabaseLocation, databaseLocation } from './location.ts';

export async function openDatabaseOrExit(env: NodeJS.ProcessEnv, options?: DatabaseOptions): Promise<Database> {
  let location: DatabaseLocation;
  try {
    location = databaseLocation(env);
  } catch (error) {
    return exit(2, error);
  }
  return openDatabase(location, options).catch(exitWithAdvice);
}

/** Ends the program where a database is at fault. @throws every other error */
export function exitWithAdvice(error: unknown): never {
  if (error instanceof DatabaseError) return exit(error.exitCode, error);
  throw error;
}

function exit(code: number, error: unknown): never {
  console.error(error instanceof Error ? error.message : error);
  process.exit(code);
}
