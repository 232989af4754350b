/*
 * `npm run state` as a value: how the command is called, and how it finds this app's store. Input: the environment's
 * settings, as the server has them. Output: what `runState` takes.
 */

import { existsSync } from 'node:fs';
import type { StateProgram } from '../../upkeep/state-program.ts';
import { UpkeepError } from '../../upkeep/upkeep-error.ts';
import { type DatabaseLocation, databaseLocation } from './location.ts';
import { openStates } from './states.ts';

export function stateProgram(env: NodeJS.ProcessEnv): StateProgram {
  return {
    name: 'npm run state --',
    where: 'the database that DATA_DIR or DATABASE_URL names',
    open(store) {
      if (store !== undefined)
        throw new UpkeepError('The settings of the server say which: DATA_DIR or DATABASE_URL.', 2);
      const location = locate(env);
      if (location.kind === 'file' && !existsSync(location.name)) {
        throw new UpkeepError(`There is no database ${location.name}. Name its folder: DATA_DIR`, 66);
      }
      return openStates(location);
    },
  };
}

function locate(env: NodeJS.ProcessEnv): DatabaseLocation {
  try {
    return databaseLocation(env);
  } catch (error) {
    throw new UpkeepError(error instanceof Error ? error.message : String(error), 2);
  }
}
