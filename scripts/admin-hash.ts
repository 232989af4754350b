// Makes the line that has somebody log in to the admin page: `npm run admin:hash` asks for a password, which is not
// shown, or reads the first line of what is piped in, and prints its hash for the environment.

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { hashPassword, maxPasswordLength } from '../server/anime/admin/password.ts';

const shortest = 8;

const password = process.stdin.isTTY ? await ask() : await readLine();
if (password.length < shortest || password.length > maxPasswordLength) {
  console.error(`A password has ${shortest} to ${maxPasswordLength} characters.`);
  process.exit(2);
}
console.log(`ADMIN_PASSWORD_HASH=${await hashPassword(password)}`);

async function ask(): Promise<string> {
  const silent = new Writable({ write: (_, __, done) => done() });
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true });
  lines.on('SIGINT', () => process.exit(130));
  const question = async (text: string): Promise<string> => {
    process.stderr.write(text);
    const answer = await lines.question('');
    process.stderr.write('\n');
    return answer;
  };
  const first = await question('Password: ');
  const second = await question('Once more: ');
  lines.close();
  if (first === second) return first;
  console.error('These are two different ones.');
  process.exit(2);
}

async function readLine(): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) return line;
  return '';
}
