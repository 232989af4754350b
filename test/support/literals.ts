// A pool of views for tests in a browser: each is what it was and what it became, and covers one thing that a parser or
// a DOM treats in a way of its own.

import { html, keyed, mathml, memo, svg, unsafeHtml } from '../../shared/index.ts';

export interface Change {
  readonly name: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** One literal with two values, which is patched; not two literals, which would be drawn anew. */
function change<Value>(name: string, view: (value: Value) => unknown, before: Value, after: Value): Change {
  return { name, before: view(before), after: view(after) };
}

const row = (text: unknown) => html`<tr><td>${text as string}</td></tr>`;
const item = (text: unknown) => html`<li>${text as string}</li>`;
const rows = (keys: readonly number[]) =>
  keyed(
    keys,
    (key) => key,
    (key) => html`<li id=${`row-${key}`}>${key}<b></b></li>`,
  );

export const changes: readonly Change[] = [
  change('text that is alone', (text) => html`<p>${text}</p>`, 'a', 'b'),
  change('text between elements', (text) => html`<p><b></b>${text}<i></i></p>`, 'a', 'b'),
  change('text behind text', (text) => html`<p>Hello ${text}!</p>`, 'you', 'all'),
  change('texts side by side', ([one, other]) => html`<p>${one}${other}</p>`, ['a', 'b'], ['', 'c']),
  change('text that comes', (text) => html`<p>(${text})</p>`, '', 'here'),
  change('text that goes', (text) => html`<p>(${text})</p>`, 'here', ''),
  change('numbers', (number) => html`<p>${number} of ${10}</p>`, 0, -0.5),
  change('text at the root', (text) => html`${text}`, 'a', 'b'),
  change('texts at the root', ([one, other]) => html`${one} and ${other}`, ['a', 'b'], ['', '']),
  change('a fragment', (text) => html`<b></b>${text}<i></i>tail`, 'a', null),
  change('nothing at all', () => html``, null, null),
  change('carriage returns', (text) => html`<p title=${text}>${text}</p>`, 'a\r\nb\rc', '\r'),
  change('markup that is text', (text) => html`<p title=${text}>${text}</p>`, '<b>&amp;"\'', '</p>\u00a0'),
  change('a newline first in <pre>', (text) => html`<pre>${text}</pre>`, '\n\na', '\nb'),
  change(
    'a newline in front of a hole in <pre>',
    (text) => html`<pre>
${text}</pre>`,
    '\na',
    'b',
  ),
  change('a newline first in <textarea>', (text) => html`<textarea>${text}</textarea>`, '\n\na', '\nb'),
  change('text in <textarea>', (text) => html`<textarea>a ${text} b</textarea>`, '<b>', '</textarea>'),
  change('text in <title>', (text) => html`<svg><title>${text}</title></svg>`, '<b>', '</title>'),
  change('text in <style>', (color) => html`<style>.never { color: ${color} }</style>`, 'red', 'blue'),
  change('data in <script>', (data) => html`<script type="application/json">${data}</script>`, { a: 1 }, { a: [null] }),
  change('attributes', (text) => html`<a title=${text} class="a ${text} b" href=${text}></a>`, 'x', null),
  change('attributes of an object', (object) => html`<a id="b" ...=${object}>c</a>`, { title: 'x', hidden: true }, {
    id: 'never',
    hidden: false,
    href: 'javascript:alert(1)',
    class: { d: 1 },
  } as object),
  change(
    'attributes that are booleans',
    (isOn) => html`<p hidden=${isOn} draggable=${isOn} aria-busy=${isOn} data-on=${isOn} translate=${isOn}></p>`,
    true,
    false,
  ),
  change('classes', (names) => html`<p class=${names}></p><p class="x ${names}"></p>`, ['a', { b: true }], {
    c: 1,
    d: 0,
  } as object),
  change('styles', (style) => html`<p style=${style}></p>`, { color: 'red', zIndex: 2 }, {
    '--gap': '4px',
    fontSize: '2em',
    background: 'x; color: red',
  } as object),
  change('boolean attributes', (isOn) => html`<button ?disabled=${isOn} ?hidden=${!isOn}></button>`, true, false),
  change('a URL that would run', (url) => html`<a href=${url}></a>`, 'javascript:alert(1)', '/fine'),
  change('an instance in a hole', (one) => html`<p>${one ? html`<b>${1}</b>` : html`<i>${2}</i>`}</p>`, true, false),
  change('an instance in place of text', (one) => html`<p>a${one ? html`<b>${1}</b>` : 'text'}b</p>`, false, true),
  change('a fragment in a hole', (one) => html`<p>(${one ? html`${'a'}<b></b>${'c'}` : null})</p>`, true, false),
  change('a list', (texts) => html`<ul>${texts.map(item)}</ul>`, ['a', 'b'], ['a', 'c', 'd']),
  change('a list among siblings', (texts) => html`<ul><li></li>${texts.map(item)}<li></li></ul>`, ['a', 'b'], ['b']),
  change('a list that empties', (texts) => html`<ul>${texts.map(item)}</ul>`, ['a', 'b'], []),
  change('a list that fills', (texts) => html`<ul>x${texts.map(item)}</ul>`, [] as string[], ['a', 'b']),
  change('a list of texts', (texts) => html`<p>${texts}</p>`, ['a', 'b', '', 'c'], ['', 'b']),
  change(
    'a list of fragments',
    (texts) => html`<p>${texts.map((text) => html`${text}<br>`)}</p>`,
    ['a', 'b'],
    ['b', '', 'c'],
  ),
  change(
    'lists in a list',
    (lists) => html`<ul>${lists.map((texts) => html`<li><ol>${texts.map(item)}</ol></li>`)}</ul>`,
    [['a'], []],
    [['b', 'c'], ['d']],
  ),
  change(
    'lists side by side',
    ([one = [], other = []]) => html`<ul>${one.map(item)}${other.map(item)}</ul>`,
    [['a'], ['b']],
    [['c', 'd'], []],
  ),
  change('a keyed list', (keys) => html`<ul>${rows(keys)}</ul>`, [1, 2, 3, 4, 5], [5, 2, 6, 4, 1]),
  change('a keyed list among siblings', (keys) => html`<ul><li></li>${rows(keys)}<li></li></ul>`, [1, 2, 3], [3, 2, 1]),
  change(
    'rows of a table',
    (texts) => html`<table><tbody>${texts.map(row)}</tbody></table>`,
    ['a', 'b'],
    ['b', 'c', 'd'],
  ),
  change(
    'options',
    (texts) => html`<select>${texts.map((text) => html`<option ?disabled=${text === 'b'}>${text}</option>`)}</select>`,
    ['a', 'b'],
    ['b', 'c'],
  ),
  change('a memo', (text) => html`<p>(${memo({ text }, () => html`<b>${text}</b>`)})</p>`, 'a', 'b'),
  change('raw markup', (markup) => html`<p>${unsafeHtml(markup)}</p>`, '<b>a</b>b<!-- c -->', '<i>d</i>'),
  change('raw markup among siblings', (markup) => html`<p>a${unsafeHtml(markup)}b</p>`, '<b>a</b>', 'text'),
  change('raw markup that is empty', (markup) => html`<p>a${unsafeHtml(markup)}b</p>`, '', '<b></b>'),
  change('raw SVG', (markup) => html`<svg>${unsafeHtml(markup)}</svg>`, '<circle r="1"/><g/>', '<path d="M0 0"/>'),
  change(
    'raw SVG at the root of a literal',
    (markup) => html`<svg>${svg`${unsafeHtml(markup)}`}</svg>`,
    '<circle r="1"/>',
    '<path/>',
  ),
  change(
    'raw rows of a table',
    (markup) => html`<table>${unsafeHtml(markup)}</table>`,
    '<tr><td>a</td></tr>',
    '<caption>b</caption>',
  ),
  change('SVG', (r) => html`<svg viewBox="0 0 9 9"><circle r=${r} /><g>${svg`<path d=${r} />`}</g></svg>`, '1', '2'),
  change('SVG that comes', (isOn) => html`<svg>${isOn ? svg`<circle r="1" /><path />` : null}</svg>`, false, true),
  change('a list in SVG', (radii) => html`<svg>${radii.map((r) => svg`<circle r=${r} />`)}</svg>`, [1, 2], [2, 3, 4]),
  change('HTML in SVG', (text) => html`<svg><foreignObject><p>${text}</p></foreignObject></svg>`, 'a', 'b'),
  change('MathML', (text) => html`<math><mi>${text}</mi>${mathml`<mo>${text}</mo>`}</math>`, 'x', 'y'),
  change(
    'a <template> and a <noscript>',
    (text) => html`<template><b>static</b></template><noscript><p>no script</p></noscript>${text}`,
    'a',
    'b',
  ),
  change('an element of a component', (text) => html`<x-never title=${text}><b>${text}</b></x-never>`, 'a', 'b'),
  change('another root', (isOne) => (isOne ? html`<p>${1}</p>` : html`<ul>${[1, 2].map(item)}</ul>`), true, false),
  change('static markup with comments', () => html`<!-- a --><p>a<!-- b --> c</p><!-- d -->`, null, null),
];
