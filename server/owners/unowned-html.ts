/*
 * What a page shows of a shared actor that nobody runs: nobody has to claim it for that. Input: a route, and what is
 * kept. Output: HTML as the actor would give it, so that it is adopted by whoever joins.
 */

import { logicOf } from '../../shared/runtime/logic.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { beginDigest, takeUpIds } from '../../shared/tree/take-up.ts';
import { renderIsland } from '../actors/adoption.ts';
import { renderFirst } from '../actors/first-rendering.ts';
import type { Keeper } from '../actors/keeper.ts';
import type { Registry } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import { compile } from '../html-parser.ts';
import type { Waits } from '../waits.ts';

/**
 * Renders it.
 *
 * @returns Undefined for what only the running actor can show.
 * @throws What props, the store or the view throw.
 */
export async function unownedHtml(
  registry: Registry,
  match: Match,
  waits: Waits,
): Promise<readonly Chunk[] | undefined> {
  const { options, attributes, component } = match.route;
  return registry.toProps(match, {}, null, waits, (props): Promise<readonly Chunk[] | undefined> => {
    const first = (): readonly Chunk[] =>
      renderIsland(renderFirst(component, props, {}), { epoch: '', version: 0, attributes });
    if (!options.persist) return Promise.resolve(first());
    const keeper = registry.createKeeper(match);
    const show = (): readonly Chunk[] | undefined => (keeper.loaded ? keptHtml(keeper, match) : first());
    return Promise.resolve(waits.ask('answer of the store', keeper.load(false), show));
  });
}

function keptHtml({ loaded, table }: Keeper, { route }: Match): readonly Chunk[] | undefined {
  const { component, attributes, options } = route;
  // what is not written is made by the actor
  if (!loaded || 'machine' in component || options.forgets) return undefined;
  const rendering = new Rendering(compile, table);
  rendering.render(logicOf(component).render(loaded.snapshot));
  const { rendering: kept, instances } = loaded;
  const isSame =
    kept !== undefined &&
    instances !== undefined &&
    takeUpIds(rendering, instances.ids, kept.nextId) &&
    beginDigest(rendering).toText() === kept.digest;
  const { epoch, version } = isSame ? kept : { epoch: '', version: 0 };
  return renderIsland(rendering, { epoch, version, attributes });
}
