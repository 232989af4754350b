/*
 * The documents around what the pages show. Input: what a page of the tracker is made from, or that it could not be made.
 * Output: templates for `reply.html`. Nothing in them is inline script or style, so that a strict Content-Security-Policy
 * holds.
 */

import { type TrackerProps, titleOf } from '../../../components/tracker/model.ts';
import { tracker } from '../../../components/tracker.ts';
import { html, type Template } from '../../../shared/index.ts';
import { clientApp } from '../../index.ts';
import type { Assets } from '../assets.ts';

/** Makes the document of one page. */
export function trackerDocument(props: TrackerProps, assets: Assets): Template {
  const scripts = html`
    <script type="module" async src=${assets.url('early.js')}></script>
    <script type="module" src=${assets.url('app.js')}></script>
  `;
  return documentOf(titleOf(tracker.init(props)[0]), scripts, clientApp(tracker, props), assets);
}

/** What a person gets for whom no page could be made: what can be done, without scripts. */
export function failureDocument(url: string, assets: Assets): Template {
  const content = html`
    <header class="masthead">
      <a class="brand" href="/"><img src=${assets.url('favicon.svg')} width="36" height="36" alt="">Anime tracker</a>
    </header>
    <main class="layout">
      <section class="shelf">
        <h1>Not just now</h1>
        <p class="lede">The server cannot read its data at the moment. Nothing that was stored is lost.</p>
        <p class="onward"><a class="plain" href=${url}>Try again</a></p>
      </section>
    </main>
  `;
  return documentOf('Not just now – Anime tracker', null, content, assets);
}

function documentOf(title: string, scripts: Template | null, content: object, assets: Assets): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="description" content="Anime to look through and to rate, with everybody else and live.">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
        <meta name="theme-color" content="#11181c" media="(prefers-color-scheme: dark)">
        <link rel="icon" href=${assets.url('favicon.svg')} type="image/svg+xml">
        <link rel="stylesheet" href=${assets.url('app.css')}>
        ${scripts}
      </head>
      <body>${content}</body>
    </html>
  `;
}
