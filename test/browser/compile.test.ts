// The browser's compiler makes of a literal what the strict one makes of it, with less code: the same nodes, the same
// holes at the same places. What it does not refuse, it still reads as the browser does.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BrowserDefinition, compile } from '../../client-runtime/dom/compile.ts';
import { compile as compileStrictly } from '../../client-runtime/dom/html-parser.ts';
import { html, svg, type Template } from '../../shared/index.ts';
import type { Hole } from '../../shared/template/definition.ts';

const x = 'x';

const literals: Template[] = [
  html`plain text`,
  html``,
  html`<p></p>`,
  html`  <p>a</p>  `,
  html`${x}`,
  html`${x}${x}`,
  html`${x} and ${x}`,
  html`a${x}`,
  html`${x}<b></b>`,
  html`<b></b>${x}`,
  html`<b></b> ${x}`,
  html`<p>${x}</p>`,
  html`<p> ${x}</p>`,
  html`<p>${x} </p>`,
  html`<p>${x}${x}</p>`,
  html`<p>a<b></b>${x}</p>`,
  html`<ul>${x}</ul><ol><li>${x}</li><li>b</li></ol>`,
  html`<table><thead><tr><th>a</th></tr></thead><tbody>${x}</tbody></table>`,
  html`<tr><td>${x}</td><td class=${x}></td></tr>`,
  html`<select><option ?selected=${x} value=${x}>${x}</option></select>`,
  html`<!-- a comment --><p>a<!-- another > one -->b</p>`,
  html`<p title="<!-- none -->">${x}</p>`,
  html`<p class="a ${x} b" id=${x} title='it is "${x}"'></p>`,
  html`<p data-a=5 .className=${x} ?hidden=${x} @click=${{ type: 'UserClicked' }}></p>`,
  html`<input value="a > b" .value=${x} @input=${{ type: 'UserTyped' }}>`,
  html`<input title="x=" .value="${x}" @input='${{ type: 'UserTyped' }}'>`,
  html`<a href="/anime/${x}">${x}</a>`,
  html`<a href=${x}></a><img src=${x} alt="">`,
  html`<p class="[&>li]:p-2 ${x}">${x}</p>`,
  html`<p title="a &amp; ${x}">&lt;${x}&gt;</p>`,
  html`<textarea .value=${x}></textarea>`,
  html`<textarea>${x}</textarea>`,
  html`<textarea>a ${x} b</textarea><p>${x}</p>`,
  html`<title>${x}</title>`,
  html`<style>p { color: ${x} }</style>`,
  html`<script type="application/json">${x}</script>`,
  html`<pre>
${x}</pre>`,
  html`<p>x = y <b class="${x}">${x}</b></p>`,
  html`<svg viewBox="0 0 ${x} 9"><title>${x}</title><path d=${x} /><g>${x}</g></svg>${x}`,
  html`<svg><title>a ${x} b</title><circle r=${x} class="c"/></svg>`,
  html`<math><mi>${x}</mi></math>`,
  html`<br title=${x}/>`,
  html`<p ...=${{}} class=${x} .title=${x} lang="en" @click=${{ type: 'UserClicked' }}></p>`,
  html`<p ...="${{}}" style=${x}>${x}</p>`,
  html`<server-component route="/ws/rate"></server-component><anime-rating value=${x}></anime-rating>`,
  html`<p>${x}<template><b>static</b></template></p>`,
  svg`<circle r=${x}></circle>${x}`,
  svg`<g><title>${x}</title></g>`,
  svg`<foreignObject><p>${x}</p></foreignObject>`,
];

const attributes = fc
  .uniqueArray(
    fc.constantFrom(
      ['class', ' class="a \0 b"'],
      ['id', ' id=\0'],
      ['title', " title='\"\0'"],
      ['.value', ' .value=\0'],
      ['?hidden', ' ?hidden=\0'],
      ['data-a', ' data-a="x=\0>y"'],
      ['lang', ' lang=en'],
      ['dir', ' dir="ltr"'],
    ),
    { selector: ([name]) => name, maxLength: 4 },
  )
  .map((list) => list.map(([, text]) => text).join(''));

/** The texts around the holes of a random literal. */
const markup = fc
  .letrec<{ node: string; content: string }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom('text', ' ', '\n  ', 'a &amp; b', '\0', '\0', '<!-- c -->'),
      fc.constantFrom('<br>', '<input .value=\0>', '<hr class="\0 a">', '<textarea>\0</textarea>', '<img src="\0">'),
      fc
        .tuple(fc.constantFrom('div', 'span', 'b', 'em', 'anime-rating'), attributes, tie('content'))
        .map(([name, list, content]) => `<${name}${list}>${content}</${name}>`),
    ),
    content: fc.array(tie('node'), { maxLength: 4 }).map((nodes) => nodes.join('')),
  }))
  .content.map((text) => text.split('\0'));

describe('a literal gives the same nodes and holes', () => {
  test.each(literals.map((template) => [template.strings.join('${}'), template] as const))('%s', (_, template) => {
    expect(outcome(template)).toEqual(strictOutcome(template));
  });
});

test('so do literals made at random', () => {
  fc.assert(
    fc.property(markup, (pieces) => {
      const template = html(Object.assign([...pieces], { raw: pieces }), ...pieces.slice(1).map(() => x));
      expect(outcome(template)).toEqual(strictOutcome(template));
    }),
    { numRuns: 500 },
  );
});

describe('refused', () => {
  test.each([
    html`<p onclick="${x}"></p>`,
    html`<p .innerHTML=${x}></p>`,
    html`<p .outerHTML=${x}></p>`,
    html`<iframe srcdoc=${x}></iframe>`,
    html`<p ${x}></p>`,
    html`<p ...="a ${{}}"></p>`,
    html`<p ...="${{}}${{}}"></p>`,
    html`<p ...=${{}} ...=${{}}></p>`,
    html`<script ...=${{}}></script>`,
    html`<svg><a><set ...=${{}} /></a></svg>`,
    html`<p><!-- ${x} --></p>`,
    html`<template><p>${x}</p></template>`,
  ])('%j', (template) => {
    expect(() => compile(template.strings, template.namespace)).toThrow('ISLET_ERR_TEMPLATE');
  });
});

test('a literal is compiled once', () => {
  const { strings } = html`<p>${x}</p>`;
  expect(compile(strings, 'html')).toBe(compile(strings, 'html'));
});

function outcome({ strings, namespace }: Template): unknown {
  const { content, holes } = compile(strings, namespace) as BrowserDefinition;
  return { nodes: describeNodes(content), holes: holes.map(describeHole) };
}

function strictOutcome({ strings, namespace }: Template): unknown {
  const { markup, holes } = compileStrictly(strings, namespace);
  const template = document.createElement('template');
  const wrapper = { html: '', svg: 'svg', mathml: 'math' }[namespace];
  template.innerHTML = wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup;
  const root = wrapper ? (template.content.firstChild as Node) : template.content;
  return { nodes: describeNodes(root), holes: holes.map(describeHole) };
}

// Where text stands before a URL's first hole, the strict compiler may know that it cannot run code.
function describeHole({ kind, name, path, value, parts, isUrl }: Hole): unknown {
  return { kind, name, path, value, parts, isUrl: isUrl || parts?.[0] === '/anime/' };
}

/** Nodes as data: what serializing would lose (two texts side by side, a newline behind <pre>) is seen too. */
function describeNodes(parent: Node): unknown[] {
  return Array.from(parent.childNodes, (node) => {
    if (!(node instanceof Element)) return [node.nodeName, node.nodeValue];
    const attributes = Array.from(node.attributes, ({ name, value }) => `${name}=${value}`).sort();
    const children = node instanceof HTMLTemplateElement ? describeNodes(node.content) : describeNodes(node);
    return [node.nodeName, attributes, children];
  });
}
