/*
 * The scripts that pages load without a bundler of their own: `/islet/element.js` and its like. Input: those that are
 * embedded in the package, in the repository files of `public/build/`. Output: routes that send them, compressed, with
 * an entity tag.
 */

import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { escapeAttribute } from '../shared/template/escape.ts';
import { embeddedScripts } from './embedded-scripts.ts';

/** The files' names. */
export const scriptNames = ['element.js', 'early.js', 'spa.js', 'dev.js'] as const;

/** One file as browsers are sent it; an encoding that was not made is left out. */
export interface SentFile {
  readonly plain: Buffer;
  readonly br: Buffer | undefined;
  readonly gz: Buffer | undefined;
  readonly tag: string;
}

export interface SendOptions {
  /** `content-type`. */
  readonly type: string;
  /** `cache-control`. */
  readonly cache: string;
}

/** Adds a route for each script below `path`. */
export function serveScripts(app: FastifyInstance, path: string): void {
  const kept = new Map<string, SentFile>();
  const find = (name: string): SentFile | undefined => {
    // files of the repository are built anew while a server runs
    const script = kept.get(name) ?? readEmbedded(name) ?? readBuilt(name);
    if (script && embeddedScripts) kept.set(name, script);
    return script;
  };
  for (const name of scriptNames) {
    app.get(`${path}/${name}`, (request, reply) => {
      const script = find(name);
      if (script) return sendFile(script, request, reply, asScript);
      return reply.code(404).send({ error: `${name} was not built. Build it first: npm run build` });
    });
  }
  // what these load when they need it, under names that say what is in it
  app.get<{ Params: { part: string } }>(`${path}/:part(^[a-z-]+-[0-9a-f]{10}\\.js$)`, (request, reply) => {
    const script = find(request.params.part);
    return script ? sendFile(script, request, reply, asPart) : reply.callNotFound();
  });
}

const asScript: SendOptions = { type: 'text/javascript; charset=utf-8', cache: 'public, max-age=0' };
const asPart: SendOptions = { ...asScript, cache: 'public, max-age=31536000, immutable' };

/** Sends a file in the encoding that a browser takes, or says that it has it already. */
export function sendFile(
  { plain, br, gz, tag }: SentFile,
  { headers }: FastifyRequest,
  reply: FastifyReply,
  { type, cache }: SendOptions,
): FastifyReply {
  const accepted = headers['accept-encoding'] ?? '';
  const encoding = br && accepts(accepted, 'br') ? 'br' : gz && accepts(accepted, 'gzip') ? 'gzip' : undefined;
  // the bytes differ by encoding, and so must their tags
  const own = `"${tag}${encoding === undefined ? '' : `-${encoding}`}"`;
  reply.headers({
    'content-type': type,
    'cache-control': cache,
    vary: 'accept-encoding',
    etag: own,
    // anybody may have it: which pages may connect is for the socket to say
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  });
  if (isKnown(headers['if-none-match'], own)) return reply.code(304).send();
  if (encoding !== undefined) reply.header('content-encoding', encoding);
  return reply.send(encoding === 'br' ? br : encoding === 'gzip' ? gz : plain);
}

/** Adds module scripts to a page: at the end of its head, or before all that is in it. */
export function addScripts(
  html: string,
  addresses: readonly string[],
  nonce: string | undefined,
  { place = 'last', attributes = '' }: { readonly place?: 'first' | 'last'; readonly attributes?: string } = {},
): string {
  const own = `${attributes}${nonce === undefined ? '' : ` nonce="${escapeAttribute(nonce)}"`}`;
  const tags = addresses.map((each) => `<script type="module"${own} src="${escapeAttribute(each)}"></script>`).join('');
  return insert(html, tags, place);
}

/** Adds a script that hears of all that comes after it. */
export function addInlineScript(html: string, code: string, nonce: string | undefined): string {
  const own = nonce === undefined ? '' : ` nonce="${escapeAttribute(nonce)}"`;
  return insert(html, `<script${own}>${code}</script>`, 'first');
}

function insert(html: string, tags: string, place: 'first' | 'last'): string {
  const head = place === 'first' ? /<head\b[^>]*>/i.exec(html) : /<\/head>/i.exec(html);
  if (!head) return html + tags;
  const at = head.index + (place === 'first' ? head[0].length : 0);
  return html.slice(0, at) + tags + html.slice(at);
}

/** Whether a browser takes an encoding: it is named, and not with a weight of 0. */
function accepts(header: string, encoding: string): boolean {
  return header.split(',').some((part) => {
    const [name = '', ...parameters] = part.split(';').map((each) => each.trim().toLowerCase());
    return name === encoding && !parameters.some((each) => /^q=0(\.0*)?$/.test(each));
  });
}

function isKnown(header: string | undefined, tag: string): boolean {
  if (header === undefined) return false;
  return header.split(',').some((each) => [tag, `W/${tag}`, '*'].includes(each.trim()));
}

function readEmbedded(name: string): SentFile | undefined {
  const embedded = embeddedScripts?.[name];
  if (!embedded) return undefined;
  const [br, gz] = [Buffer.from(embedded.br, 'base64'), Buffer.from(embedded.gz, 'base64')];
  return toSentFile(gunzipSync(gz), br, gz);
}

function readBuilt(name: string): SentFile | undefined {
  return readFiles(fileURLToPath(new URL(`../public/build/${name}`, import.meta.url)));
}

/** Reads a file and what was made of it beside it: `.br` and `.gz`. */
export function readFiles(file: string): SentFile | undefined {
  if (!existsSync(file)) return undefined;
  const read = (path: string): Buffer | undefined => (existsSync(path) ? readFileSync(path) : undefined);
  return toSentFile(readFileSync(file), read(`${file}.br`), read(`${file}.gz`));
}

function toSentFile(plain: Buffer, br: Buffer | undefined, gz: Buffer | undefined): SentFile {
  const tag = createHash('sha256').update(plain).digest('base64url').slice(0, 16);
  return { plain, br, gz, tag };
}
