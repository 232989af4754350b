/*
 * Lets go of a tree that nobody looks at, and makes it again when somebody needs it: under the same ids, so that it is
 * as if it had been there. Input: a rendering, and its view of what was rendered last. Output: the rendering, changed
 * in place.
 */

import { drawnIn } from './drawn.ts';
import { Rendering } from './rendering.ts';
import { renumber, takeUpIds } from './take-up.ts';

/**
 * @param view Gives what was rendered last. Where that throws, so does whoever needs the tree.
 * @param onAwake The tree is there again. `isSame` is false where a view gave something else of the same model: then
 *   its instances have other ids than those of before.
 */
export function letGo(rendering: Rendering, view: () => unknown, onAwake: (isSame: boolean) => void): void {
  const { drawn } = rendering;
  if (rendering.wake || !rendering.root) return;
  const ids = rendering.toIds();
  rendering.byId.renew([]);
  rendering.root = undefined;
  // nor is there a tree to go back to
  rendering.keep();
  rendering.wake = () => {
    const { compile, table, nextId, announced } = rendering;
    const { renewed } = table;
    const fresh = new Rendering(compile, table);
    fresh.render(view());
    rendering.wake = undefined;
    rendering.root = fresh.root;
    const isSame = takeUpIds(rendering, ids, nextId) && (!drawn || drawnIn(rendering.content) === drawn.drawn);
    if (!isSame) {
      renumber(rendering, nextId);
      rendering.kept?.begin(rendering.content);
      drawn?.begin(rendering.content);
    }
    // of the templates some may have been met, by what was taken back, and be told to nobody yet
    rendering.announced = announced;
    table.renewed = renewed;
    rendering.keep();
    onAwake(isSame);
  };
}
