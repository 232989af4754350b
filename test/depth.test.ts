// How deep templates may stand in each other is bounded: what is deeper is refused with words, by the server, before any
// stack is full. Beyond a thousand or so browsers could not show what a server still renders.

import { expect, test } from 'vitest';
import { component, effect, html, type Template } from '../shared/index.ts';
import { maxDepth } from '../shared/template/surroundings.ts';
import { startServer } from './support/server.ts';

type Nested = 'templates' | 'arrays';
type Message = { readonly type: 'UserClicked' };

/** Each click shows the next depth. */
const nesting = (kind: Nested, depths: readonly number[]) =>
  component<number, Message>({
    init: () => [-1, effect.none],
    update: (clicks) => [clicks + 1, effect.none],
    view(clicks) {
      let inner: unknown = 'leaf';
      const depth = depths[clicks] ?? 0;
      for (let left = depth; left > 0; left--)
        inner = kind === 'arrays' ? [inner] : html`<b>${inner as Template<Message>}</b>`;
      return html`<button @click=${{ type: 'UserClicked' }}>${clicks}</button><p>${inner as Template<Message>}</p>`;
    },
  });

const refused = 'ISLET_ERR_MESSAGE_REFUSED';

test.each<[string, Nested, number, string | undefined]>([
  ['as deep as they may', 'templates', maxDepth, undefined],
  ['deeper by one', 'templates', maxDepth + 1, refused],
  ['5,000 deep', 'templates', 5_000, refused],
  ['5,000 deep, as arrays', 'arrays', 5_000, refused],
])('templates that stand in each other %s', async (_, kind, depth, code) => {
  await using server = await startServer(({ islet }) =>
    islet.route('/ws/nesting', nesting(kind, [depth, 0]), { shared: true }),
  );
  const [page, other] = [await server.visit('/ws/nesting'), await server.visit('/ws/nesting')];
  page.click();
  const answer = await page.next('patch');
  if (code === undefined) {
    await other.until(() => other.slots()[1] === 0);
    page.click();
    await page.until(() => page.slots()[1] === 1);
    expect(server.errors).toEqual([]);
    return;
  }
  expect(answer.operations).toEqual([expect.arrayContaining([code])]);
  const errors = server.errors.map(({ err }) => err?.message);
  expect(errors).toEqual([expect.stringContaining(`templates stand in each other more than ${maxDepth} deep`)]);
  // the actor and all who look at it are as they were, and whoever comes is shown the same
  expect(other.slots()[1]).toBe(-1);
  expect((await server.visit('/ws/nesting')).slots()[1]).toBe(-1);
});
