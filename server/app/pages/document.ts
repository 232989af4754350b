/*
 * The document around the tracker. Input: what a page of the tracker is made from. Output: a template for `reply.html`.
 * Nothing in it is inline script or style, so that a strict Content-Security-Policy holds.
 */

import { type TrackerProps, titleOf } from '../../../components/tracker/model.ts';
import { tracker } from '../../../components/tracker.ts';
import { html, type Template } from '../../../shared/index.ts';
import { clientApp } from '../../index.ts';
import type { Assets } from '../assets.ts';

/** Makes the document of one page. */
export function trackerDocument(props: TrackerProps, assets: Assets): Template {
  return html`
    <!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <title>${titleOf(tracker.init(props)[0])}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="description" content="A list of anime, and one rating that everybody shares, live.">
        <meta name="color-scheme" content="light dark">
        <meta name="theme-color" content="#f4f1ea" media="(prefers-color-scheme: light)">
        <meta name="theme-color" content="#11181c" media="(prefers-color-scheme: dark)">
        <link rel="icon" href=${assets.url('favicon.svg')} type="image/svg+xml">
        <link rel="stylesheet" href=${assets.url('app.css')}>
        <script type="module" async src=${assets.url('early.js')}></script>
        <script type="module" src=${assets.url('app.js')}></script>
      </head>
      <body>${clientApp(tracker, props)}</body>
    </html>
  `;
}
