// An app with a mistake, as somebody who writes one would make it: what development shows of it is in the pictures of
// docs/development.md.

import Fastify, { type FastifyInstance } from 'fastify';
import { islet, serverComponent } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';

interface Card {
  readonly title: string;
  readonly labels?: readonly string[];
}

type Message = { readonly type: 'UserAdded'; readonly card: Card };

const board = component<readonly Card[], Message>({
  name: 'card-board',
  init: () => [[{ title: 'Milk' }, { title: 'Bread' }], effect.none],
  update(cards, { card }) {
    const [first] = card.labels as readonly string[];
    return [[...cards, { ...card, title: `${first}: ${card.title}` }], effect.none];
  },
  view: (cards) => html`
    <ul>${cards.map(({ title }) => html`<li>${title}</li>`)}</ul>
    <button @click=${{ type: 'UserAdded', card: { title: 'Honey' } }}>Add</button>
  `,
});

const style =
  'body { font: 18px/1.6 system-ui; margin: 3rem auto; max-width: 40rem; } :root { color-scheme: light dark; }';

export async function createBrokenApp(): Promise<FastifyInstance> {
  const app = Fastify();
  await app.register(islet, { development: true });
  app.islet.route('/ws/board', board, { shared: true });
  app.get('/', (_, reply) =>
    reply.html(html`
      <!doctype html>
      <html lang="en">
        <head><title>Board</title><style>${style}</style><script type="module" src="/islet/element.js"></script></head>
        <body><h1>Board</h1>${serverComponent({ route: '/ws/board' })}</body>
      </html>
    `),
  );
  return app;
}
