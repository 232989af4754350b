// `npm run state -- list | show KEY | export | import FILE | tasks | remove KEY`: what is kept of live components, in the
// database that DATA_DIR or DATABASE_URL names, also while the server runs. It is `islet state` with this app's store.

import { stateProgram } from '../server/anime/data/state-program.ts';
import { runState } from '../server/upkeep/state-program.ts';

process.exitCode = await runState(process.argv.slice(2), stateProgram(process.env));
