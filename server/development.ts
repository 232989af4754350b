/*
 * What development adds to a server: each page gets a script that shows what goes wrong and follows changes of the code
 * (`client-runtime/development/`), and a stream that tells it. Input: what happens to actors, what pages throw, and what
 * `islet dev` says. Output: problems as a person needs them: the cause, the route, the component, the message, and the
 * file and line of the app.
 */

import { hash, randomBytes } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { reasonOf } from '../shared/language/refused.ts';
import type { Happening, Inspector } from '../shared/runtime/inspect.ts';
import { escapeText, scriptJson } from '../shared/template/escape.ts';
import type { Log } from './inspect/log.ts';
import { routeOf } from './inspect/repeats.ts';
import { developmentStore } from './options.ts';
import { skeletonOf } from './pages/skeleton.ts';
import type { DeclaredIsland } from './route-list.ts';
import { addInlineScript, addScripts } from './scripts.ts';

export interface Problem {
  readonly title: string;
  readonly facts: readonly (readonly [name: string, value: string])[];
  readonly text: string;
}

/** What `islet dev` tells the server that it has started. */
export type Notice =
  | { readonly kind: 'broken'; readonly problem: Problem }
  | { readonly kind: 'mended' }
  /** Style sheets or scripts are others now. */
  | { readonly kind: 'changed' };

/** How long what pages and the server say to each other is delayed, in milliseconds of a round trip. */
export const latencyVariable = 'ISLET_DEVELOPMENT_LATENCY';

/** Says which start of a server has answered. */
const serverHeader = 'islet-server';
const lookMs = 250;
/** So many warnings wait for the next page: most are of a page that is only being made. */
const maxWarnings = 20;

/** Where this package is: its own lines of a stack are not the app's. */
const ownFolder = fileURLToPath(new URL('..', import.meta.url));

export class Development {
  private readonly path: string;
  private readonly streams = new Set<ServerResponse>();
  private readonly name = randomBytes(8).toString('hex');
  /** How often style sheets or scripts have become others since it started. */
  private changes = 0;
  /** The code is other than what runs, and cannot be built. */
  private broken: Problem | undefined;
  private readonly warnings: string[] = [];
  /** What went wrong last while no page listened, such as the making of the first one. */
  private unheard: Problem | undefined;

  private readonly islands: readonly DeclaredIsland[];

  /** @param path Where the plugin's scripts are, as browsers ask for them. @param islands Grows while routes are declared. */
  constructor(path: string, islands: readonly DeclaredIsland[]) {
    this.path = path;
    this.islands = islands;
  }

  /** What a page says that it is up to date with: one that has not heard of a change is told at its next hello. */
  private get state(): string {
    return `${this.name}.${this.changes}`;
  }

  /** Adds the stream; below `path` of the app's scope. */
  serve(app: FastifyInstance, below: string): void {
    app.get(`${below}/dev`, (request, reply) => {
      if ('problem' in (request.query as object))
        return reply.headers({ 'content-type': 'application/json', [serverHeader]: this.name }).send('null');
      reply.hijack();
      const { raw } = reply;
      raw.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      raw.write(`event: hello\ndata: ${this.state}\n\n`);
      const routes = this.islands.map((each) => [each.path, each.isPredicted]);
      raw.write(toEvent('routes', routes));
      if (this.broken) raw.write(toEvent('broken', this.broken));
      for (const text of this.warnings) raw.write(toEvent('warning', text));
      if (this.unheard) raw.write(toEvent('problem', this.unheard));
      this.unheard = undefined;
      this.streams.add(raw);
      raw.on('close', () => this.streams.delete(raw));
      return reply;
    });
    app.addHook('preClose', (done) => {
      for (const stream of this.streams) stream.end();
      done();
    });
    this.followCommand(app);
  }

  /** Hears what `islet dev` says, where it has started this process, and tells it when pages can be asked for. */
  private followCommand(app: FastifyInstance): void {
    const { channel } = process;
    if (!channel || process.env[developmentStore] === undefined) return;
    const onNotice = (notice: Notice): void => {
      this.broken = notice.kind === 'broken' ? notice.problem : undefined;
      if (notice.kind === 'changed') this.changes++;
      this.send(notice.kind, notice.kind === 'changed' ? this.state : (this.broken ?? null));
    };
    // who has started it is gone: nobody would end it
    const onEnd = (): void => void process.kill(process.pid, 'SIGTERM');
    // whoever else listens to it stays for it: a test runner's worker would end between two of its words
    const isAlone = process.listenerCount('message') === 0;
    process.on('message', onNotice).on('disconnect', onEnd);
    // to listen to it is no reason to stay
    if (isAlone) channel.unref();
    // an app that does not say how it stops is closed: what is kept is kept then
    const close = (): void => app.close(() => process.exit(0));
    app.addHook('onListen', async () => {
      if (process.listenerCount('SIGTERM') === 0) process.once('SIGTERM', close);
      process.send?.({ kind: 'ready', address: app.server.address() });
    });
    app.addHook('onClose', async () => {
      process.off('message', onNotice).off('disconnect', onEnd).off('SIGTERM', close);
    });
  }

  /** Tells what happens to actors; returns the function that ends it. */
  watch(inspector: Inspector, componentOf: ComponentOf): () => void {
    return inspector.on(['failure', 'refused', 'run failed'], (happening) => {
      // what is refused on purpose is no fault
      if (happening.error === undefined || reasonOf(happening.error) !== undefined) return;
      const route = routeOf(happening.actor);
      const facts = factsOf(route, componentOf);
      if (happening.kind === 'refused' && happening.message)
        facts.push(['message', JSON.stringify(happening.message).slice(0, 500)]);
      this.tell(toProblem(titleOf(happening), facts, happening.error));
    });
  }

  /** A log of which pages hear, too: an overlay for an error with what was thrown, a line in the console for a warning. */
  watchLog(log: Log, componentOf: ComponentOf): Log {
    return {
      error: (details, text) => {
        log.error(details, text);
        const { err, route } = details as { readonly err?: unknown; readonly route?: string };
        if (err !== undefined) this.tell(toProblem(text, route === undefined ? [] : factsOf(route, componentOf), err));
      },
      warn: (details, text) => {
        log.warn(details, text);
        this.warn(text);
      },
      info: (details, text) => log.info(details, text),
    };
  }

  /** Says in the consoles of pages what nothing throws for. */
  warn(text: string): void {
    if (this.warnings.includes(text)) return;
    this.warnings.push(text);
    if (this.warnings.length > maxWarnings) this.warnings.shift();
    this.send('warning', text);
  }

  private tell(problem: Problem): void {
    if (this.streams.size === 0) this.unheard = problem;
    this.send('problem', problem);
  }

  private send(event: string, data: unknown): void {
    for (const stream of this.streams) stream.write(toEvent(event, data));
  }

  /** Adds the script to a page, before all others: it sees how they connect. */
  complete(html: string, nonce: string | undefined): string {
    const latency = process.env[latencyVariable];
    const address = `${this.path}/dev.js?server=${this.state}${latency === undefined ? '' : `&latency=${latency}`}`;
    const skeleton = hash('sha256', skeletonOf(html), 'base64url').slice(0, 12);
    const complete = addScripts(html, [address], nonce, {
      place: 'first',
      attributes: ` data-islet-page="${skeleton}"`,
    });
    return addInlineScript(complete, this.comeBack(), nonce);
  }

  /**
   * Loads a page anew whose scripts were not there, when there is another server than the one that has made it: that
   * ended between the page and its scripts, and nothing of the page would ever run.
   */
  private comeBack(): string {
    return `addEventListener('error', ({ target }) => {
  if (!(target instanceof HTMLScriptElement) || !target.src.startsWith(location.origin)) return;
  // it came with a change: dev.js sees to it
  if (target.hasAttribute('data-islet-late')) return;
  const look = async () => {
    const answer = await fetch(${scriptJson(`${this.path}/dev?problem`)}, { cache: 'no-store' }).catch(() => undefined);
    const server = answer?.headers.get('${serverHeader}');
    if (server && server !== '${this.name}') location.reload();
    else setTimeout(look, ${lookMs});
  };
  void look();
}, true);`;
  }

  /** A page in place of one that could not be rendered. */
  errorPage(error: unknown, url: string): string {
    const problem = toProblem('This page could not be rendered', [['page', url]], error);
    return this.complete(problemPage(problem), undefined);
  }
}

/** The name of the component that a route shows, if it has one. */
type ComponentOf = (route: string) => string | undefined;

function factsOf(route: string, componentOf: ComponentOf): [string, string][] {
  const component = componentOf(route);
  return component === undefined
    ? [['route', route]]
    : [
        ['route', route],
        ['component', component],
      ];
}

function toEvent(name: string, data: unknown): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
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
  const stack = cause instanceof Error ? ownLinesOf(cause.stack ?? cause.message) : String(cause);
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
  const body = `<main data-islet-problem><h1>${heading}</h1><dl>${rows}</dl><pre>${escapeText(text)}</pre></main>`;
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
    const place = readPlace(line);
    if (place && !place.isOthers) return place.near;
  }
  return undefined;
}

/** A stack with the app's own lines alone, and its files as they are called there; whole, if none is. */
function ownLinesOf(stack: string): string {
  const lines = stack.split('\n').map((text) => ({ text, place: readPlace(text) }));
  const isOfApp = lines.some(({ place }) => place && !place.isOthers);
  if (!isOfApp) return stack;
  return lines
    .filter(({ text, place }) => (place ? !place.isOthers : !/^\s+at /.test(text)))
    .map(({ text, place }) => (place ? text.replace(place.address, place.near) : text))
    .join('\n');
}

interface StackPlace {
  /** As the stack has it. */
  readonly address: string;
  /** As it is called in the app's folder. */
  readonly near: string;
  /** It is in a package. */
  readonly isOthers: boolean;
}

function readPlace(line: string): StackPlace | undefined {
  const [, address = ''] = /(?:\(|at )((?:file:\/\/|\/|[A-Z]:\\)[^()]+:\d+:\d+)\)?$/.exec(line) ?? [];
  if (address === '') return undefined;
  const [, file = '', at = ''] = /^(.*?)(:\d+:\d+)$/.exec(address) ?? [];
  const path = file.startsWith('file://') ? fileURLToPath(file) : file;
  const near = relative(process.cwd(), path);
  const isOthers = path.includes(`${sep}node_modules${sep}`) || isOwn(path);
  return { address, near: (near.startsWith('..') ? path : near) + at, isOthers };
}

/** Whether a file is one of this package: in a checkout its tests and its app are not. */
function isOwn(path: string): boolean {
  const [folder = ''] = path.startsWith(ownFolder) ? path.slice(ownFolder.length).split(sep) : [''];
  return ['server', 'shared', 'client-runtime'].includes(folder) && !path.includes(`${sep}anime${sep}`);
}
