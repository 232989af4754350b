// Stands in for a server that does not start. Input: the problem, which may become another. Output: a page that says it
// and looks whether there is a server again, and what open pages ask for. Whoever knows the problem already is answered
// when it is another; when there is a server again, what waits here is ended. So nobody has to ask again and again.

import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problemPage } from '../../server/development.ts';

export interface StandIn {
  listen(address: { readonly port: number; readonly host?: string }): Promise<unknown>;
  say(problem: Problem): void;
  close(): Promise<void>;
}

/** How many problems were told, by all of them: a page goes from one to the next. */
let count = 0;

export function createStandIn(first: Problem): StandIn {
  let problem = { ...first, number: ++count };
  const waiting = new Set<ServerResponse>();
  const sockets = new Set<Duplex>();

  const tell = (answer: ServerResponse): void => {
    answer.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    answer.end(JSON.stringify(problem));
  };
  const server = createServer((request, answer) => {
    const [, known] = /\/dev\?problem(?:=(\d+))?/.exec(request.url ?? '') ?? [undefined, null];
    if (known === null) {
      answer.writeHead(503, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      answer.end(problemPage(problem, scriptOf(problem.number)));
    } else if (Number(known) === problem.number) {
      waiting.add(answer);
      answer.on('close', () => waiting.delete(answer));
    } else tell(answer);
  });
  // of islands
  server.on('upgrade', (_, socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
  });

  return {
    async listen(address) {
      server.listen(address);
      await once(server, 'listening');
    },
    say(next) {
      problem = { ...next, number: ++count };
      for (const answer of waiting) tell(answer);
    },
    async close() {
      server.closeAllConnections();
      for (const socket of sockets) socket.destroy();
      await new Promise((done) => server.close(done));
    },
  };
}

/** While nobody answers the page stays: a browser's own error page would never look again. */
function scriptOf(known: number): string {
  return `const look = async () => {
  const answer = await fetch('/islet/dev?problem=${known}').then((each) => each.json()).catch(() => undefined);
  if (answer === undefined) setTimeout(look, 250);
  else location.reload();
};
void look();`;
}
