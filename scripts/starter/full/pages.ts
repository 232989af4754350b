// What all pages have in common.

import type { FastifyInstance } from 'fastify';
import { html, type Template } from 'islet';
import { clientComponent } from 'islet/server';
import { refusalNote } from './client/refusal-note.ts';
import { themeButton } from './client/theme-button.ts';

export interface PageOptions {
  readonly title: string;
  readonly user: string | null;
  readonly content: Template;
  /** The form that logs out, where somebody is logged in. */
  readonly logout?: Template;
}

export function page(app: FastifyInstance, { title, user, content, logout }: PageOptions): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <link rel="stylesheet" href=${app.islet.asset('app.css')}>
      </head>
      <body>
        <header>
          <a href="/">Board</a>
          ${clientComponent(themeButton)}
          ${user === null ? html`<a href="/login">Log in</a>` : html`<span>${user}</span> ${logout ?? ''}`}
        </header>
        <main>${content}</main>
        ${clientComponent(refusalNote)}
      </body>
    </html>
  `;
}
