/*
 * The workloads in LiveViewJS 0.8.1 on Express, set up as its own documentation does. Its session tokens are signed
 * by its JWT adaptor, its publish/subscribe is the in-process one.
 */

import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import session from 'express-session';
import { WebSocketServer } from 'ws';
import { createTable, type Operation, operate, operations, type Table } from '../../app/rows.ts';
import { announce, portArgument } from './listen.ts';

// liveviewjs asks a CDN for a list of MIME types when it is loaded; no workload needs it, no measurement may go out
globalThis.fetch = () => Promise.resolve(new Response('{}'));
const { createLiveView, html, SingleProcessPubSub } = await import('liveviewjs');
const { NodeExpressLiveViewServer } = await import('@liveviewjs/express');

const pubSub = new SingleProcessPubSub();
let shared = 0;

const counter = createLiveView<{ count: number }, { type: 'up' }>({
  mount: (socket) => socket.assign({ count: 0 }),
  handleEvent: (_event, socket) => socket.assign({ count: socket.context.count + 1 }),
  render: ({ count }) => html`<div><button phx-click="up">Up</button><output>${count}</output></div>`,
});

const sharedCounter = createLiveView<{ count: number }, { type: 'up' }, { type: 'changed'; count: number }>({
  mount: async (socket) => {
    socket.assign({ count: shared });
    if (socket.connected) await socket.subscribe('shared');
  },
  handleEvent: async () => {
    shared++;
    await pubSub.broadcast('shared', { type: 'changed', count: shared });
  },
  handleInfo: (info, socket) => socket.assign({ count: info.count }),
  render: ({ count }) => html`<div><button phx-click="up">Up</button><output>${count}</output></div>`,
});

const tableOf = (rowCount: number) =>
  createLiveView<Table, { type: Operation }>({
    mount: (socket) => socket.assign(createTable(rowCount)),
    handleEvent: (event, socket) => socket.assign(operate(socket.context, event.type)),
    render: ({ rows, selected }) => html`<div>${operations.map((name) => html`<button phx-click="${name}">${name}</button>`)}
<table><tbody>${rows.map(
      (row) =>
        html`<tr class="${row.id === selected ? 'danger' : ''}"><td>${row.id}</td><td>${row.label}</td></tr>`,
    )}</tbody></table></div>`,
  });

const router = {
  '/bench/counter': counter,
  '/bench/shared': sharedCounter,
  '/bench/table': tableOf(1_000),
  '/bench/table10k': tableOf(10_000),
};

const liveView = new NodeExpressLiveViewServer(
  router,
  (title, csrfToken, content) => html`<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><meta name="csrf-token" content="${csrfToken}"><title>${title.title}</title>
<script defer src="/client.js"></script></head><body>${content}</body></html>`,
  { title: 'bench' },
  { serDeSigningSecret: 'a secret of the measurement', pubSub },
);

const app = express();
app.disable('x-powered-by');
app.get('/client.js', async (_request, response) => {
  response.type('text/javascript').send(await readFile(process.env.BENCH_CLIENT_BUNDLE ?? '', 'utf8'));
});
app.use(session({ secret: 'a secret of the measurement', resave: false, saveUninitialized: false, cookie: { secure: false } }));
app.use(liveView.httpMiddleware());

const server = createServer(app);
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
await liveView.wsMiddleware()(sockets as never);
server.listen(portArgument(), '127.0.0.1', () => announce((server.address() as AddressInfo).port));
