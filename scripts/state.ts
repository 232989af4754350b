// `npm run state -- list | show KEY | export | import FILE | tasks | remove KEY`: what is kept of live components, in the
// database that DATA_DIR or DATABASE_URL names, also while the server runs. It is `islet state` with this app's store.

import { existsSync } from 'node:fs';
import { databaseLocation } from '../server/anime/data/location.ts';
import { openStates } from '../server/anime/data/states.ts';
import { runState } from '../server/upkeep/state-program.ts';
import { UpkeepError } from '../server/upkeep/upkeep-error.ts';

process.exitCode = await runState(process.argv.slice(2), {
  name: 'npm run state --',
  where: 'the database that DATA_DIR or DATABASE_URL names',
  open(store) {
    if (store !== undefined)
      throw new UpkeepError('The settings of the server say which: DATA_DIR or DATABASE_URL.', 2);
    const location = locate();
    if (location.kind === 'file' && !existsSync(location.name)) {
      throw new UpkeepError(`There is no database ${location.name}. Name its folder: DATA_DIR`, 66);
    }
    return openStates(location);
  },
});

function locate() {
  try {
    return databaseLocation(process.env);
  } catch (error) {
    throw new UpkeepError(error instanceof Error ? error.message : String(error), 2);
  }
}
