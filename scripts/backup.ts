// Backs the SQLite file up while the server runs: `npm run backup -- FILE` makes a checked copy of the database that
// DATA_DIR names, `--force` overwrites an older one. `npm run restore -- FILE` puts a copy back; the server must not
// run. PostgreSQL has `pg_dump` for both; docs/deploy.md says how.

import { basename } from 'node:path';
import { BackupError, backUp, restore } from '../server/anime/data/backup.ts';
import { databaseLocation } from '../server/anime/data/location.ts';

const options = process.argv.slice(2);
const isRestore = options.includes('--restore');
const isForced = options.includes('--force');
const [file, ...more] = options.filter((option) => !['--restore', '--force'].includes(option));
const location = databaseLocation(process.env);

if (location.kind !== 'file') end('DATABASE_URL names a PostgreSQL database: back it up with pg_dump', 2);
if (file === undefined || more.length > 0 || file.startsWith('-')) {
  end(`Which file? npm run ${isRestore ? 'restore' : 'backup'} -- FILE`, 2);
}
try {
  if (isRestore) {
    const { votes, kept } = restore(location, file, new Date());
    console.log(`${location.name} is ${basename(file)} now, with ${votes} votes.`);
    if (kept !== null) console.log(`What was there is kept as ${kept}`);
  } else {
    const { bytes, votes } = await backUp(location, file, isForced);
    console.log(`${file}: ${bytes} bytes, ${votes} votes`);
  }
} catch (error) {
  if (error instanceof BackupError) end(error.message, error.exitCode);
  throw error;
}

function end(message: string, code: number): never {
  console.error(message);
  process.exit(code);
}
