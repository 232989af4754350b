/*
 * The floor of what is kept: an echo by bare `ws` that writes a row of SQLite before it answers. As little as that can
 * be: one prepared statement for each event, all of a tick of the event loop in one transaction, a file that survives the
 * end of the process (WAL, `synchronous = NORMAL`), no model, no rendering, no client that may come back.
 */

import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DatabaseSync } from 'node:sqlite';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type WebSocket, WebSocketServer } from 'ws';
import { announce, portArgument } from './listen.ts';

const database = new DatabaseSync(join(mkdtempSync(join(tmpdir(), 'bench-kept-')), 'state.db'));
database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
database.exec('CREATE TABLE states (id INTEGER PRIMARY KEY, text TEXT NOT NULL, events INTEGER NOT NULL)');
const [begin, commit] = ['BEGIN IMMEDIATE', 'COMMIT'].map((sql) => database.prepare(sql));
const insert = database.prepare("INSERT INTO states (text, events) VALUES ('', 0)");
const update = database.prepare('UPDATE states SET text = ?, events = events + 1 WHERE id = ?');

let waiting: [socket: WebSocket, data: string, id: number][] = [];

function write(): void {
  const all = waiting;
  waiting = [];
  begin?.run();
  for (const [, text, id] of all) update.run(text, id);
  commit?.run();
  for (const [socket, text] of all) socket.send(text);
}

const server = createServer();
const sockets = new WebSocketServer({ server, perMessageDeflate: false });
sockets.on('connection', (socket) => {
  const id = Number(insert.run().lastInsertRowid);
  socket.on('message', (data) => {
    if (waiting.push([socket, `${data}`, id]) === 1) setImmediate(write);
  });
});

server.listen(portArgument(), '127.0.0.1', () => announce((server.address() as AddressInfo).port));
