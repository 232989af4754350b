// The app as a value: the server starts it, and each test makes one of its own.

import { join } from 'node:path';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { html } from 'islet';
import { registerIslet, serverComponent } from 'islet/server';
import { createBoard } from './components/board.ts';
import { createCardForm } from './components/card-form.ts';
import type { Data } from './data.ts';
import { page } from './pages.ts';
import { addLogin, createSessions } from './session.ts';

export async function createApp(
  data: Data,
  options: Pick<FastifyServerOptions, 'logger' | 'trustProxy'> = {},
): Promise<FastifyInstance> {
  const sessions = createSessions(data);
  const app = await registerIslet(Fastify(options), {
    assets: join(import.meta.dirname, 'build'),
    authenticate: sessions.userOf,
  });

  // one actor for everybody: what is in its model, all see
  app.islet.route('/ws/board', createBoard(data), {
    shared: true,
    authorizeEvent: ({ user }) => user !== null,
    props: () => ({ cards: data.cards() }),
  });
  // one for each page that shows it: what is typed, and what is wrong with it, is one's own
  app.islet.route('/ws/card-form', createCardForm(data), {
    props: ({ user }) => (user === null ? undefined : { user }),
  });

  app.get('/', (request, reply) => {
    const user = sessions.userOf(request);
    const content = html`
      <h1>Board</h1>
      ${user === null ? html`<p>Log in to add a card.</p>` : serverComponent({ route: '/ws/card-form' })}
      ${serverComponent({ route: '/ws/board' })}
    `;
    const title = 'Board';
    if (user === null) return reply.html(page(app, { title, user, content }));
    const logout = html`<form method="post" action="/logout">${sessions.tokenField(request, reply)}<button>Log out</button></form>`;
    return reply.html(page(app, { title, user, content, logout }));
  });
  app.get('/healthz', () => ({ ok: true }));
  addLogin(app, data, sessions);
  app.addHook('onClose', async () => data.close());
  return app;
}
