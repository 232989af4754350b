/*
 * The documents of the tracker's pages. Input: what a page is made from, or that it could not be made. Output: templates
 * for `reply.html`.
 */

import { type TrackerProps, titleOf } from '../../../components/tracker/model.ts';
import { tracker } from '../../../components/tracker.ts';
import { html, type Template } from '../../../shared/index.ts';
import { clientApp } from '../../index.ts';
import type { Assets } from '../assets.ts';
import { answers, brand, frame } from './frame.ts';

/** Makes the document of one page. */
export function trackerDocument(props: TrackerProps, assets: Assets): Template {
  const head = html`
    ${description}
    <script type="module" async src=${assets.url('early.js')}></script>
    <script type="module" src=${assets.url('app.js')}></script>
  `;
  return frame({
    title: titleOf(tracker.init(props)[0]),
    head,
    content: html`${clientApp(tracker, props)}${answers}`,
    assets,
  });
}

/** What a person gets for whom no page could be made: what can be done, without scripts. */
export function failureDocument(url: string, assets: Assets): Template {
  const content = html`
    <header class="masthead">
      ${brand(assets)}
    </header>
    <main class="layout">
      <section class="shelf">
        <h1>Not just now</h1>
        <p class="lede">The server cannot read its data at the moment. Nothing that was stored is lost.</p>
        <p class="onward"><a class="plain" href=${url}>Try again</a></p>
      </section>
    </main>
  `;
  return frame({ title: 'Not just now – Anime tracker', head: description, content, assets });
}

const description = html`<meta name="description" content="Anime to look through and to rate, with everybody else and live.">`;
