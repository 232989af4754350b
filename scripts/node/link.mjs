// Mends node_modules/.bin/node after an install, before anything needs Node 24. npm 10 removes that link again while it
// drops the optional packages of other platforms, which bring a command of the same name. Must run in any Node.

import { existsSync, symlinkSync } from 'node:fs';

const modules = new URL('../../node_modules/', import.meta.url);
const binary = `node-${process.platform}-${process.arch}/bin/node`;
const link = new URL('.bin/node', modules);

if (existsSync(new URL(binary, modules)) && !existsSync(link)) symlinkSync(`../${binary}`, link);
