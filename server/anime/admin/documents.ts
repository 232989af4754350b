/*
 * The documents of the admin page: the login, the page itself, and what is shown when something failed.
 */

import { type UserQuery, writeQuery } from '../../../components/admin/query.ts';
import { html, type Template } from '../../../shared/index.ts';
import { serverComponent } from '../../index.ts';
import type { Assets } from '../assets.ts';
import { answers, brand, frame } from '../pages/frame.ts';

/** What the login page says besides. */
export interface LoginNotice {
  /** As it was typed. */
  readonly name?: string;
  readonly problem?: string;
  readonly message?: string;
}

export function loginDocument({ name = '', problem, message }: LoginNotice, assets: Assets): Template {
  return adminFrame(
    'Log in',
    assets,
    html`
      <main class="login">
        <form class="card login-card" method="post" action="/admin/login">
          <h1>Log in</h1>
          <p class="hint">For those who look after the users of this site.</p>
          ${message === undefined ? null : html`<p class="login-notice" role="status">${message}</p>`}
          ${problem === undefined ? null : html`<p class="problem" id="login-problem" role="alert">${problem}</p>`}
          <label for="name">Name</label>
          <input
            id="name"
            name="name"
            value=${name}
            autocomplete="username"
            autocapitalize="none"
            spellcheck="false"
            maxlength="50"
            required
            ?autofocus=${problem === undefined}
          >
          <label for="password">Password</label>
          <input
            id="password"
            name="password"
            type="password"
            autocomplete="current-password"
            maxlength="1000"
            required
            aria-invalid=${problem === undefined ? null : 'true'}
            aria-describedby=${problem === undefined ? null : 'login-problem'}
            ?autofocus=${problem !== undefined}
          >
          <button class="primary" type="submit">Log in</button>
        </form>
      </main>
    `,
  );
}

export interface AdminPage {
  /** Who is logged in. */
  readonly name: string;
  readonly query: UserQuery;
}

export function adminDocument({ name, query }: AdminPage, assets: Assets): Template {
  return adminFrame(
    'Users',
    assets,
    html`
      <a class="skip" href="#users">Skip to the users</a>
      <header class="masthead">
        ${brand(assets)}
        <form class="who" method="post" action="/admin/logout">
          <span><span class="who-words">Logged in as </span><b>${name}</b></span>
          <button class="plain" type="submit">Log out</button>
        </form>
      </header>
      <main class="admin" id="users">
        <h1>Users</h1>
        <p class="problem" id="ended" role="alert" hidden>
          <span>You are not logged in any more. Nothing that you do here is stored.</span>
          <a class="plain" href="/admin/login">Log in again</a>
        </p>
        <p class="problem" id="dropped" role="alert" hidden>
          The connection was lost while something was under way. Look whether it was stored before you do it again.
        </p>
        ${serverComponent({ route: '/ws/admin/users', attributes: { query: writeQuery(query) } })}
      </main>
      ${answers}
    `,
    html`<script type="module" src=${assets.url('admin.js')}></script>`,
  );
}

/** What a person sees of an error. */
export function problemDocument(message: string, assets: Assets): Template {
  return adminFrame(
    'This did not work',
    assets,
    html`
      <main class="login">
        <section class="card login-card">
          <h1>This did not work</h1>
          <p class="problem" role="alert">${message}</p>
          <p><a href="/admin">Back to the admin page</a></p>
        </section>
      </main>
    `,
  );
}

function adminFrame(title: string, assets: Assets, content: Template, script: Template | null = null): Template {
  const head = html`
    <meta name="robots" content="noindex">
    <link rel="stylesheet" href=${assets.url('admin.css')}>
    ${script}
  `;
  return frame({ title: `${title} – Anime tracker`, head, content, assets });
}
