/*
 * What development adds to a server: each page gets a script that shows what goes wrong
 * (`client-runtime/development/`), and a stream that tells it. Input: what happens to actors, and what pages throw.
 * Output: problems as a person needs them: the cause, the route, the component, the message, and the file and line of
 * the app.
 */

import { randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import type { Happening, Inspector } from '../shared/runtime/inspect.ts';
import { escapeText } from '../shared/template/escape.ts';
import { routeOf } from './inspect/repeats.ts';
import { addScripts } from './scripts.ts';

export interface Problem {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

/** Where this package is: its own lines of a stack are not the app's. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

export class Development {
  private readonly path: string;
  private readonly streams = new Set<ServerResponse>();
  private readonly name = randomBytes(8).toString('hex');

  /** @param path Where the plugin's scripts are, as browsers ask for them. */
  constructor(path: string) {
    this.path = path;
  }

  /** Adds the stream; below `path` of the app's scope. */
  serve(app: FastifyInstance, below: string): void {
    app.get(`${below}/dev`, (request, reply) => {
      if ('problem' in (request.query as object)) return reply.type('application/json').send('null');
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write(`event: hello\ndata: ${this.name}\n\n`);
      this.streams.add(raw);
      raw.on('close', () => this.streams.delete(raw));
      return reply;
    });
    app.addHook('preClose', (done) => {
      for (const stream of this.streams) stream.end();
      done();
    });
  }

  /** Tells what happens to actors; returns the function that ends it. */
  watch(inspector: Inspector, componentOf: (route: string) => string | undefined): () => void {
    return inspector.on(['failure', 'refused', 'run failed'], (happening) => {
      if (happening.error === undefined) return;
      const route = routeOf(happening.actor);
      const facts: [string, string][] = [['route', route]];
      const component = componentOf(route);
      if (component !== undefined) facts.push(['component', component]);
      if (happening.kind === 'refused' && happening.message)
        facts.push(['message', JSON.stringify(happening.message).slice(0, 500)]);
      this.tell(toProblem(titleOf(happening), facts, happening.error));
    });
  }

  private tell(problem: Problem): void {
    const data = JSON.stringify(problem);
    for (const stream of this.streams) stream.write(`event: problem\ndata: ${data}\n\n`);
  }

  /** Adds the script to a page. */
  complete(html: string, nonce: string | undefined): string {
    return addScripts(html, [`${this.path}/dev.js?${this.name}`], nonce);
  }

  /** A page in place of one that could not be rendered. */
  errorPage(error: unknown, url: string): string {
    const problem = toProblem('This page could not be rendered', [['page', url]], error);
    return this.complete(problemPage(problem), undefined);
  }
}

function titleOf(happening: Extract<Happening, { kind: 'failure' | 'refused' | 'run failed' }>): string {
  if (happening.kind === 'failure') return 'A component has failed, and starts again';
  if (happening.kind === 'run failed') return 'An effect has thrown';
  return happening.message ? `The message ${happening.message.type} was refused` : 'An event was refused';
}

/** @param error What was thrown, anything. */
function toProblem(title: string, facts: readonly (readonly [string, string])[], error: unknown): Problem {
  const cause = deepest(error);
  const place = placeOf(cause);
  const stack = cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
  const text = error instanceof Error && error !== cause ? `${error.message}\n\n${stack}` : stack;
  return { title, facts: place === undefined ? facts : [...facts, ['where', place]], text };
}

const style =
  ':root{color-scheme:light dark}body{font:16px/1.5 system-ui;margin:2rem auto;max-width:60rem;padding:0 1rem}' +
  'pre{white-space:pre-wrap}';

/** A page that shows a problem and nothing else. @param script What it runs. */
export function problemPage({ title, facts, text }: Problem, script = ''): string {
  const heading = escapeText(title);
  const rows = facts.map(([name, value]) => `<dt>${escapeText(name)}<dd>${escapeText(value)}`).join('');
  const body = `<h1>${heading}</h1><dl>${rows}</dl><pre>${escapeText(text)}</pre>`;
  const head = `<title>${heading}</title><style>${style}</style>`;
  const end = script === '' ? '' : `<script>${script}</script>`;
  return `<!doctype html><html lang="en"><head>${head}</head><body>${body}${end}</body></html>`;
}

function deepest(error: unknown): unknown {
  let cause = error;
  while (cause instanceof Error && cause.cause !== undefined) cause = cause.cause;
  return cause;
}

/** The first line of a stack that is the app's own: file, line and column. */
function placeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  for (const line of (error.stack ?? '').split('\n')) {
    const [, address = ''] = /(?:\(|at )((?:file:\/\/|\/|[A-Z]:\\)[^()]+:\d+:\d+)\)?$/.exec(line) ?? [];
    if (address === '') continue;
    const [, file = '', at = ''] = /^(.*?)(:\d+:\d+)$/.exec(address) ?? [];
    const path = file.startsWith('file://') ? fileURLToPath(file) : file;
    if (path.includes(`${sep}node_modules${sep}`) || isOwn(path)) continue;
    const near = relative(process.cwd(), path);
    return (near.startsWith('..') ? path : near) + at;
  }
  return undefined;
}

/** Whether a file is one of this package: in a checkout its tests and its app are not. */
function isOwn(path: string): boolean {
  const [folder = ''] = path.startsWith(ownFolder) ? path.slice(ownFolder.length).split(sep) : [''];
  return ['server', 'shared', 'client-runtime'].includes(folder) && !path.includes(`${sep}anime${sep}`);
}
