// Opens the database of DATA_DIR as a user who is not root, who may write anywhere: ends as `openDatabaseOrExit` does.

import { openDatabaseOrExit } from '../../server/anime/data/start.ts';

const nobody = 65_534;
if (process.getuid?.() === 0) {
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}
const database = await openDatabaseOrExit(process.env);
await database.close();
