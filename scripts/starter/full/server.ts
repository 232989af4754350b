// Starts the app. HOST, PORT and DATA_FILE say where; TRUST_PROXY says how many proxies stand before it, each of which
// adds to X-Forwarded-For: without it, whoever asks could name any address.

import { createApp } from './app.ts';
import { openData } from './data.ts';

const { HOST = 'localhost', PORT = '3000', DATA_FILE = 'data/app.db', NODE_ENV, TRUST_PROXY = '0' } = process.env;
const isProduction = NODE_ENV === 'production';

const app = await createApp(openData(DATA_FILE), {
  logger: isProduction,
  trustProxy: (_, hop) => hop < Number(TRUST_PROXY),
});
const address = await app.listen({ host: HOST, port: Number(PORT) });
console.log(`Ready at ${address}`);

// pages are told to come back, and what is under way is finished
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
