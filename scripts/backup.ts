// Backs the database up while the server runs: `npm run backup -- FILE` makes a checked copy of what DATA_DIR or
// DATABASE_URL names, `--force` overwrites an older one. `npm run restore -- FILE` puts a copy back; the server must not
// run. It is `islet backup` with this app's database; docs/deploy-tracker.md says more.

import { databaseLocation } from '../server/anime/data/location.ts';
import { runBackup } from '../server/upkeep/backup-program.ts';
import { UpkeepError } from '../server/upkeep/upkeep-error.ts';

const args = process.argv.slice(2);
const isRestore = args.includes('--restore');

process.exitCode = await runBackup(
  args.filter((arg) => arg !== '--restore'),
  {
    name: `npm run ${isRestore ? 'restore' : 'backup'} --`,
    isRestore,
    find(store) {
      if (store !== undefined)
        throw new UpkeepError('The settings of the server say which: DATA_DIR or DATABASE_URL.', 2);
      const location = databaseLocation(process.env);
      if (location.kind !== 'file') return location as typeof location & { kind: 'postgres' };
      return {
        name: location.name,
        advice: 'Name its folder: DATA_DIR',
        count: (database) => `${database.prepare('SELECT count(*) AS votes FROM votes').get()?.votes} votes`,
      };
    },
  },
);
