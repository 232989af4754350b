// Who somebody is: login, logout, a session's cookie, and a token in each form, without which another site could send
// it.

import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { html, type Template } from 'islet';
import type { Data } from './data.ts';
import { page } from './pages.ts';

export interface Sessions {
  /** The user's name; null for nobody. */
  userOf(request: FastifyRequest): string | null;
  /** A field for each form that is sent to this server. */
  tokenField(request: FastifyRequest, reply: FastifyReply): Template;
}

export function createSessions(data: Data): Sessions {
  return {
    userOf: (request) => data.userOf(sessionOf(request)) ?? null,
    tokenField: (request, reply) =>
      html`<input type="hidden" name="token" value=${tokenFor(sessionOf(request) || beginSession(request, reply), data.secret)}>`,
  };
}

/** Adds `/login` and `/logout`. */
export function addLogin(app: FastifyInstance, data: Data, sessions: Sessions): void {
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, Object.fromEntries(new URLSearchParams(String(body)))),
  );

  app.get('/login', (request, reply) => reply.html(loginPage(app, sessions, request, reply)));

  app.post<{ Body: Fields }>('/login', (request, reply) => {
    const { name = '', password = '' } = request.body;
    if (!isOurs(request, data))
      return reply.code(403).html(loginPage(app, sessions, request, reply, 'Please try again.'));
    if (!/^\w{1,30}$/.test(name) || password === '' || !data.logIn(name, password)) {
      return reply
        .code(422)
        .html(loginPage(app, sessions, request, reply, 'This name and password do not go together.'));
    }
    // a session that was there before the login may be somebody else's
    data.addSession(beginSession(request, reply), name);
    return reply.redirect('/', 303);
  });

  app.post<{ Body: Fields }>('/logout', (request, reply) => {
    if (!isOurs(request, data)) return reply.code(403).send('Please try again.');
    const user = sessions.userOf(request);
    data.removeSession(sessionOf(request));
    // open pages of this user are loaded again, as nobody's
    if (user !== null) {
      app.islet.revoke({ user }, { redirect: '/' });
      app.islet.disconnect(user);
    }
    return reply.header('set-cookie', cookie('', request, 0)).redirect('/', 303);
  });
}

type Fields = { readonly [name: string]: string };

function loginPage(
  app: FastifyInstance,
  sessions: Sessions,
  request: FastifyRequest,
  reply: FastifyReply,
  problem?: string,
): Template {
  const content = html`
    <h1>Log in</h1>
    <form method="post" action="/login" class="stack">
      ${sessions.tokenField(request, reply)}
      ${problem !== undefined && html`<p role="alert">${problem}</p>`}
      <label>Name <input name="name" required autocomplete="username"></label>
      <label>Password <input name="password" type="password" required autocomplete="current-password"></label>
      <button>Log in</button>
    </form>
    <p>Whoever comes first with a name gets it.</p>
  `;
  return page(app, { title: 'Log in', user: null, content });
}

function sessionOf({ headers }: FastifyRequest): string {
  return /(?:^|; )session=([\w-]+)/.exec(headers.cookie ?? '')?.[1] ?? '';
}

function beginSession(request: FastifyRequest, reply: FastifyReply): string {
  const id = randomBytes(24).toString('base64url');
  reply.header('set-cookie', cookie(id, request, 30 * 24 * 60 * 60));
  return id;
}

function cookie(id: string, request: FastifyRequest, seconds: number): string {
  const secure = request.protocol === 'https' ? '; Secure' : '';
  return `session=${id}; Path=/; HttpOnly; SameSite=Lax; Max-Age=${seconds}${secure}`;
}

function tokenFor(session: string, secret: string): string {
  return createHmac('sha256', secret).update(session).digest('base64url');
}

/** Whether a form is one of this server's pages. */
function isOurs(request: FastifyRequest<{ Body: Fields }>, { secret }: Data): boolean {
  const session = sessionOf(request);
  const [given, wanted] = [Buffer.from(request.body.token ?? ''), Buffer.from(tokenFor(session, secret))];
  return session !== '' && given.length === wanted.length && timingSafeEqual(given, wanted);
}
