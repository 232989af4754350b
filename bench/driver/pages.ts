/*
 * GET requests over kept-alive connections, each asking again when its answer is complete. No more of HTTP than that:
 * the answers have a length or come in chunks.
 */

import { connect } from 'node:net';
import { createLoop, type Figures, type Loop } from './loops.ts';
import type { ServerProcess } from './server-process.ts';
import type { Latencies } from './statistics.ts';

/** A closed loop of GETs of one path; `more` reads further figures off the page. */
export async function openPages(
  server: ServerProcess,
  options: { readonly path: string; readonly connections: number; readonly more?: (html: string) => Figures },
): Promise<Loop> {
  const { path, connections, more } = options;
  const url = `http://127.0.0.1:${server.port}${path}`;
  const response = await fetch(url);
  const html = await response.text();
  // the last row says that the page is whole
  if (!response.ok || !html.includes('row 1000')) throw new Error(`${url}: ${response.status}, ${html.slice(0, 300)}`);
  const figures = { bytes: Buffer.byteLength(html), ...more?.(html) };
  return createLoop(
    server,
    (ms, latencies) => load(server.port, path, connections, ms, latencies),
    () => figures,
    () => {},
  );
}

async function load(
  port: number,
  path: string,
  connections: number,
  ms: number,
  latencies: Latencies | undefined,
): Promise<number> {
  const end = performance.now() + ms;
  const counts = await Promise.all(Array.from({ length: connections }, () => visit(port, path, end, latencies)));
  return counts.reduce((sum, count) => sum + count, 0);
}

const headEnd = Buffer.from('\r\n\r\n');
const lastChunk = Buffer.from('\r\n0\r\n\r\n');

function visit(port: number, path: string, end: number, latencies: Latencies | undefined): Promise<number> {
  const request = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nAccept: text/html\r\n\r\n`;
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let count = 0;
    let sent = performance.now();
    /** Bytes of the body still to come; undefined before the head, -1 in chunks. */
    let missing: number | undefined;
    const ask = (): void => {
      missing = undefined;
      sent = performance.now();
      socket.write(request);
    };
    socket.on('error', reject);
    socket.on('data', (bytes) => {
      if (missing === undefined) {
        const bodyStart = bytes.indexOf(headEnd) + headEnd.length;
        const head = bytes.toString('latin1', 0, bodyStart);
        if (!head.startsWith('HTTP/1.1 200')) {
          reject(new Error(head));
          return;
        }
        const length = /content-length: (\d+)/i.exec(head);
        missing = length ? Number(length[1]) - (bytes.length - bodyStart) : -1;
      } else if (missing > 0) missing -= bytes.length;
      const isDone = missing === 0 || (missing < 0 && bytes.subarray(-lastChunk.length).equals(lastChunk));
      if (!isDone) return;
      count++;
      const now = performance.now();
      latencies?.add(now - sent);
      if (now < end) ask();
      else {
        socket.destroy();
        resolve(count);
      }
    });
    ask();
  });
}
