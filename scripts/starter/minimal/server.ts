import { createApp } from './app.ts';

const { HOST = 'localhost', PORT = '3000' } = process.env;
const app = await createApp();
console.log(`Ready at ${await app.listen({ host: HOST, port: Number(PORT) })}`);
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void app.close());
