/*
 * Serves the document of 1,000 rows by one renderer, on the same Fastify for all: `--renderer react` and so on.
 * The renderers are bundled by `bench/build.ts`; only hand-written strings need no build.
 */

import fastify from 'fastify';
import type { AddressInfo } from 'node:net';
import { createTable, type Table } from '../../app/rows.ts';
import { announce, portArgument } from './listen.ts';

const module = process.argv[process.argv.indexOf('--renderer') + 1] as string;
const { render } = (await import(module)) as { render: (table: Table) => string };
const table = createTable(1_000);

const app = fastify();
app.get('/bench/ssr', (_request, reply) => reply.type('text/html; charset=utf-8').send(render(table)));
await app.listen({ port: portArgument(), host: '127.0.0.1' });
announce((app.server.address() as AddressInfo).port);
