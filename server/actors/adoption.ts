/*
 * What a browser needs to adopt server-rendered content, and the digest that tells whether what it has is what an
 * actor shows. Input: a rendering. Output: HTML with the adoption data behind it, as `docs/protocol.md` describes.
 */

import { hash } from 'node:crypto';
import type { Definition } from '../../shared/template/definition.ts';
import { scriptJson } from '../../shared/template/escape.ts';
import { encodeShape } from '../../shared/tree/encode.ts';
import { type Chunk, renderChunks, textOf } from '../../shared/tree/html.ts';
import type { Rendering } from '../../shared/tree/rendering.ts';
import { type Adoption, encodeAdoption, type Shape } from '../../shared/wire/adoption.ts';
import { areCounted, type IdRuns } from '../../shared/wire/content.ts';
import { nameOf } from './template-name.ts';

/** How what says how to adopt an island begins: the last of its chunks. */
export const adoptionStart = '<script type="application/json"';

/** What a browser has of an island before it joins. */
interface Adopted {
  readonly chunks: readonly Chunk[];
  readonly nextId: number;
  /** 0: counted from 1 on. */
  readonly ids: 0 | IdRuns;
  readonly shape: Shape;
}

/**
 * Equal digests mean that a browser which has one content has the other: it covers HTML, shape, ids and the names of
 * the templates known, so that adopted numbers mean the same on both sides. What custom elements inside are filled with
 * is their own. With it comes what its writing has shown besides: the ids, and how many characters the HTML has.
 *
 * @param templates How many templates of the actor's table the browser was told.
 */
export function weigh(rendering: Rendering, templates: number): { digest: string; ids: IdRuns; characters: number } {
  const all = rendering.toIds();
  const adopted = describe(rendering, all);
  const characters = adopted.chunks.reduce((sum, chunk) => sum + (typeof chunk === 'string' ? chunk.length : 0), 0);
  const own = digest(adopted, rendering.table.definitions.slice(0, templates));
  return { digest: own, ids: all, characters };
}

/**
 * The content of an island, and behind it what the browser must know to adopt it.
 *
 * @param model For pages that predict, what they may have of it.
 */
export function renderIsland(
  rendering: Rendering,
  { epoch, version, attributes }: Pick<Adoption, 'epoch' | 'version' | 'attributes'>,
  model?: unknown,
): readonly Chunk[] {
  const adopted = describe(rendering, rendering.toIds());
  const { table } = rendering;
  const { chunks, ...known } = adopted;
  const adoption = encodeAdoption({
    ...known,
    epoch,
    version,
    attributes,
    digest: digest(adopted, table.definitions),
    definitions: table.encode(),
  });
  const data = model === undefined ? '' : ` data-model='${quoted(JSON.stringify(model))}'`;
  return [...chunks, `${adoptionStart}${data}>${scriptJson(adoption)}</script>`];
}

/** JSON has many double quotes: within single ones they stay as they are. */
function quoted(json: string): string {
  return json.replaceAll('&', '&amp;').replaceAll("'", '&#39;');
}

function describe(rendering: Rendering, ids: IdRuns): Adopted {
  const { nextId } = rendering;
  return {
    chunks: renderChunks(rendering.content),
    nextId,
    ids: areCounted(ids, nextId) ? 0 : ids,
    shape: encodeShape(rendering.content, rendering.table),
  };
}

function digest({ chunks, ids, shape }: Adopted, templates: readonly Definition[]): string {
  const data = JSON.stringify([shape, ids, templates.map(nameOf)]);
  return hash('sha1', `${textOf(chunks)}\n${data}`, 'base64url').slice(0, 11);
}
