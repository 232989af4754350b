/*
 * The documents of the admin page: the login, the page itself, and what is shown when something failed. Nothing in them
 * is inline script or style, so that the Content-Security-Policy of all pages holds.
 */

import { type UserQuery, writeQuery } from '../../../components/admin/query.ts';
import { html, type Template } from '../../../shared/index.ts';
import { serverComponent } from '../../index.ts';
import type { Assets } from '../assets.ts';

/** What the login page says besides. */
export interface LoginNotice {
  /** As it was typed. */
  readonly name?: string;
  readonly problem?: string;
  readonly message?: string;
}

export function loginDocument({ name = '', problem, message }: LoginNotice, assets: Assets): Template {
  return frame(
    'Log in',
    assets,
    html`
      <main class="login">
        <form class="card login-card" method="post" action="/admin/login">
          <h1>Log in</h1>
          <p class="hint">For those who look after the users of this site.</p>
          ${message === undefined ? null : html`<p class="notice" role="status">${message}</p>`}
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
  return frame(
    'Users',
    assets,
    html`
      <a class="skip" href="#users">Skip to the users</a>
      <header class="masthead">
        ${brand(assets)}
        <form class="who" method="post" action="/admin/logout">
          <span>Logged in as <b>${name}</b></span>
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
    `,
    html`<script type="module" src=${assets.url('admin.js')}></script>`,
  );
}

/** What a person sees of an error. */
export function problemDocument(message: string, assets: Assets): Template {
  return frame(
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

function frame(title: string, assets: Assets, body: Template, script: Template | null = null): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title} – Anime tracker</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="robots" content="noindex">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
        <meta name="theme-color" content="#11181c" media="(prefers-color-scheme: dark)">
        <link rel="icon" href=${assets.url('favicon.svg')} type="image/svg+xml">
        <link rel="stylesheet" href=${assets.url('app.css')}>
        <link rel="stylesheet" href=${assets.url('admin.css')}>
        ${script}
      </head>
      <body>${body}</body>
    </html>
  `;
}

function brand(assets: Assets): Template {
  return html`<a class="brand" href="/"><img src=${assets.url('favicon.svg')} width="36" height="36" alt="">Anime tracker</a>`;
}
