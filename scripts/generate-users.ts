// Makes up users for the admin page: `node scripts/generate-users.ts 10000` adds to the database that DATA_DIR or
// DATABASE_URL names until it has that many (10,000 unless told). Users who are there already stay as they are.

import { generateUsers } from '../server/anime/data/made-up-users.ts';
import { openDatabaseOrExit } from '../server/anime/data/start.ts';

const [text = '10000'] = process.argv.slice(2);
const amount = Number(text);
if (!Number.isInteger(amount) || amount < 0 || amount > 1_000_000) {
  console.error(`How many users? A number from 0 to 1000000, not '${text}'`);
  process.exit(2);
}

const database = await openDatabaseOrExit(process.env, { isPatient: true });
const added = await generateUsers(database, amount);
console.log(`${added} users added to ${database.location.name}`);
await database.close();
