/*
 * What a browser needs to adopt server-rendered content, and the digest that tells whether what it has is what an
 * actor shows. Input: a rendering. Output: HTML with the adoption data behind it, as `docs/protocol.md` describes.
 */

import { hash } from 'node:crypto';
import { scriptJson } from '../shared/escape.ts';
import type { Rendering } from '../shared/tree/rendering.ts';

/**
 * Equal digests mean that a browser which has one content has the other: it covers HTML, shape, ids and the templates
 * known, so that adopted numbers mean the same on both sides.
 *
 * @param templates How many templates of the component's table the browser was told.
 */
export function digestOf(rendering: Rendering, templates: number, html: string = rendering.toHtml()): string {
  const definitions = JSON.stringify(rendering.table.define(0)?.slice(0, 2 + templates) ?? []);
  const text = `${html}\n${JSON.stringify([rendering.toShape(), rendering.toIds()])}\n${definitions}`;
  return hash('sha1', text, 'base64url').slice(0, 11);
}

/** The content of an island, and behind it what the browser must know to adopt it. */
export function renderIsland(rendering: Rendering, epoch: string, version: number): string {
  const ids = rendering.toIds();
  const isCounted = ids.length === 2 && ids[0] === 1 && rendering.nextId === (ids[1] ?? 0) + 1;
  const [, , ...definitions] = rendering.define(0) ?? [];
  const html = rendering.toHtml();
  const digest = digestOf(rendering, definitions.length, html);
  const adoption = [epoch, version, digest, rendering.nextId, isCounted ? 0 : ids, rendering.toShape(), ...definitions];
  return `${html}<script type="application/json">${scriptJson(adoption)}</script>`;
}
