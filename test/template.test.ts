// Compiling literals: what is understood, what is refused, and that a refusal names the literal and the place.

import { describe, expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { html, mathml, svg, type Template } from '../shared/index.ts';
import * as HoleKind from '../shared/template/hole-kind.ts';
import { encodeDefinition } from '../shared/wire/definition.ts';
import { TestIsland, templateOf, toHtml } from './support/render.ts';

const { only, child, attribute, boolean, property, event, text } = HoleKind;

function define(template: Template<unknown>) {
  return compile(template.strings, template.namespace);
}

/** Kind, name and path of each hole, as on the wire. */
function holesOf(template: Template<unknown>): readonly unknown[] {
  return encodeDefinition(define(template)).slice(2);
}

describe('holes', () => {
  test('a hole that is alone in its element needs no mark', () => {
    const template = html`<ul><li>${1}</li></ul>`;
    expect(define(template).markup).toBe('<ul><li></li></ul>');
    expect(holesOf(template)).toEqual([[only, '', 0, 0]]);
  });

  test('a hole between elements is marked where it ends', () => {
    const template = html`<p><b></b>${1}<i></i></p>`;
    expect(define(template).markup).toBe('<p><b></b><!----><i></i></p>');
    expect(holesOf(template)).toEqual([[child, '', 0, 1]]);
  });

  test('a hole behind text is marked on both sides', () => {
    const template = html`<p>Hello ${1}!</p>`;
    expect(define(template).markup).toBe('<p>Hello <!----><!---->!</p>');
    expect(holesOf(template)).toEqual([[child, '', 0, 2]]);
  });

  test('holes side by side share the mark between them', () => {
    const template = html`<p>${1}${2}</p>`;
    expect(define(template).markup).toBe('<p><!----><!----></p>');
    expect(holesOf(template)).toEqual([
      [child, '', 0, 0],
      [child, '', 0, 1],
    ]);
  });

  test('a hole at the root is marked on both sides, for its instance must be found', () => {
    expect(define(html`${1}`).markup).toBe('<!----><!---->');
    expect(define(html``).markup).toBe('<!---->');
  });

  test('text at the end of a literal is marked, so that it cannot merge with what follows', () => {
    expect(define(html`<b></b> tail`).markup).toBe('<b></b> tail<!---->');
  });

  test('attributes, properties, events and boolean attributes leave the markup', () => {
    const template = html`<input class="a" name=${1} ?disabled=${2} .value=${3} @input=${{ type: 'UserTyped' }}>`;
    expect(define(template).markup).toBe('<input class="a">');
    expect(holesOf(template)).toEqual([
      [attribute, 'name', 0],
      [boolean, 'disabled', 0],
      [property, 'value', 0],
      [event, 'input', 0],
    ]);
  });

  test('the text of title, textarea, style and script is one hole', () => {
    const template = html`<title>${1} - ${2}</title><textarea>${3}</textarea><style>a { color: ${4} }</style>`;
    expect(holesOf(template)).toEqual([
      [text, 'title', 0],
      [text, 'textarea', 1],
      [text, 'style', 2],
    ]);
  });

  test('names of properties and SVG attributes keep their case', () => {
    expect(holesOf(html`<my-el .fooBar=${1}></my-el>`)).toEqual([[property, 'fooBar', 0]]);
    expect(holesOf(html`<svg viewBox=${1}></svg>`)).toEqual([[attribute, 'viewBox', 0]]);
  });

  test.each([
    ['double quotes', html`<a title="${1}"></a>`],
    ['single quotes', html`<a title='${1}'></a>`],
    ['no quotes', html`<a title=${1}></a>`],
    ['spaces around =', html`<a title = ${1}></a>`],
    ['a slash behind it', html`<a title=${1}></a><br title=${2}/>`],
  ])('an attribute may be written with %s', (_, template) => {
    expect(holesOf(template)[0]).toEqual([attribute, 'title', 0]);
    expect(toHtml(template)).toContain('<a title="1">');
  });
});

describe('the text of a literal', () => {
  test('white space around it means nothing, inside it stays', () => {
    expect(
      toHtml(html`
      <b> a  b </b>
    `),
    ).toBe('<b> a  b </b>');
  });

  test('comments are left out, and the text around one is one text', () => {
    const template = html`<p>a<!-- a comment --> b${1}</p>`;
    expect(define(template).markup).toBe('<p>a b<!----><!----></p>');
  });

  test('references stay as they are written', () => {
    expect(toHtml(html`<p title="&quot;&eacute;">&lt;&nbsp;&copy;</p>`)).toBe(
      '<p title="&quot;&eacute;">&lt;&nbsp;&copy;</p>',
    );
  });

  test('quotes in a single-quoted value are kept', () => {
    expect(toHtml(html`<p title='say "hi"'></p>`)).toBe('<p title="say &quot;hi&quot;"></p>');
  });

  test('a > inside an attribute value is part of the value', () => {
    expect(toHtml(html`<ul class="[&>li]:p-2 ${'x'}" title="a > b"></ul>`)).toBe(
      '<ul class="[&amp;&gt;li]:p-2 x" title="a > b"></ul>',
    );
  });

  test('elements without content need no slash and may have one', () => {
    expect(toHtml(html`<br><br/><input />`)).toBe('<br><br><input>');
  });

  test('names are read in any case', () => {
    expect(toHtml(html`<DIV><Br></dIV>`)).toBe('<div><br></div>');
  });

  test('a newline right behind <pre> and <textarea> is dropped as a browser does', () => {
    expect(
      toHtml(html`<pre>
line</pre><textarea>
</textarea>`),
    ).toBe('<pre>line</pre><textarea></textarea>');
  });

  test('a literal is compiled once', () => {
    const view = (): Template<unknown> => html`<p>${1}</p>`;
    expect(define(view())).toBe(define(view()));
  });
});

describe('SVG and MathML', () => {
  test('elements may close themselves', () => {
    expect(toHtml(svg`<circle r=${3} /><g><path d="M0 0"/></g>`)).toBe(
      '<circle r="3"></circle><g><path d="M0 0"></path></g>',
    );
    expect(toHtml(html`<svg viewBox="0 0 1 1"><rect width=${1} /></svg>`)).toBe(
      '<svg viewBox="0 0 1 1"><rect width="1"></rect></svg>',
    );
  });

  test('HTML inside foreignObject is HTML again', () => {
    expect(toHtml(html`<svg><foreignObject><div>${1}<br></div></foreignObject></svg>`)).toContain('<div>1<br></div>');
    expect(() => toHtml(html`<svg><foreignObject><div/></foreignObject></svg>`)).toThrow('self-closing <div/>');
  });

  test('a <title> of SVG holds content as any element does', () => {
    expect(holesOf(html`<svg><title>${1}</title></svg>`)).toEqual([[only, '', 0, 0]]);
  });

  test('MathML stands in its own tag', () => {
    expect(toHtml(mathml`<mfrac><mi>${'x'}</mi><mn>${2}</mn></mfrac>`)).toBe('<mfrac><mi>x</mi><mn>2</mn></mfrac>');
    expect(define(mathml`<mi>x</mi>`).namespace).toBe('mathml');
  });
});

describe('documents', () => {
  test('a whole document may be written with or without html, head and body', () => {
    expect(
      toHtml(html`<!doctype html>
      <html lang=${'en'}><head><title>${'A'}</title></head><body><p>${1}</p></body></html>`),
    ).toMatch(/^<!doctype html>\s*<html lang="en"><head><title>A<\/title><\/head><body><p>1<\/p><\/body><\/html>$/);
    expect(toHtml(html`<!DOCTYPE html><title>${'A'}</title><p>text</p>`)).toBe(
      '<!DOCTYPE html><title>A</title><p>text</p>',
    );
  });

  test('what a browser would repair is refused there too', () => {
    expect(() => toHtml(html`<!doctype html><html><body><table><tr></tr></table></body></html>`)).toThrow(
      'a browser puts <tbody> before this <tr>',
    );
    expect(() => toHtml(html`<!doctype html><body><a><b><a></a></b></a></body>`)).toThrow('a browser closes <b>');
  });

  test('a document cannot stand in a view', () => {
    expect(() => new TestIsland(html`<!doctype html><html></html>`)).toThrow(
      'a whole document cannot stand inside a view',
    );
  });

  test('a noscript of a document may hold a hole, one of a view may not', () => {
    expect(toHtml(html`<!doctype html><noscript>${'x'}</noscript>`)).toContain('<noscript>x</noscript>');
    expect(() => toHtml(html`<noscript>${'x'}</noscript>`)).toThrow('<noscript> cannot hold a hole');
  });
});

describe('a template is refused with the literal and the place', () => {
  test.each<[string, string, Template<unknown>]>([
    ['an element that is not closed', '<b> is not closed', html`<p>text</p><b>bold`],
    ['an end tag in the wrong order', '<b> must be closed before </p>', html`<p><b>text</p></b>`],
    ['an end tag too many', '</p> closes nothing', html`<br></p>`],
    ['an end tag of an element without content', '</br> closes nothing', html`<br></br>`],
    ['an HTML element that closes itself', 'HTML knows no self-closing <div/>', html`<p></p><div/>`],
    ['a hole in a tag name', 'a tag name cannot hold a hole', html`<h${1}>title</h1>`],
    ['a hole as a tag name', 'a tag name cannot hold a hole', html`<${'div'}>text</div>`],
    ['a hole in an end tag', 'a tag name cannot hold a hole', html`<div>text</${'div'}>`],
    ['a hole in an attribute name', 'an attribute name cannot hold a hole', html`<p data-${'x'}="1"></p>`],
    ['a hole instead of attributes', 'a hole cannot stand for attributes', html`<p ${'hidden'}></p>`],
    ['a hole in a comment', 'a comment cannot hold a hole', html`<p></p><!-- ${1} -->`],
    ['a comment without end', 'a comment is not closed', html`<p></p><!-- text`],
    ['a comment that a browser ends earlier', 'a browser ends this comment earlier', html`<!--> text -->`],
    ['an attribute twice', 'the attribute Title stands here twice', html`<p title="a" Title="b"></p>`],
    ['a value without end', 'the value of title is not closed', html`<p title="a></p>`],
    ['a value that needs quotes', 'the value of href needs quotes', html`<a href=a=b></a>`],
    ['no value behind =', 'the value of href is missing', html`<a href=></a>`],
    ['attributes without space', 'a space is missing between attributes', html`<a id="x"class="y"></a>`],
    ['a start tag without end', 'the tag <p> is not complete', html`<p title="a"`],
    ['a bare <', 'a `<` starts no tag (write `&lt;`)', html`<p>1 < 2</p>`],
    ['an end tag with attributes', 'an end tag is malformed', html`<p></p class="a">`],
    ['a doctype behind content', 'a doctype must come first', html`<p></p><!doctype html>`],
    ['a block in a paragraph', 'a browser closes <p> before this <div>', html`<p><div></div></p>`],
    ['a paragraph in a paragraph', 'a browser closes <p> before this <p>', html`<p><p></p></p>`],
    ['a row without tbody', 'a browser puts <tbody> before this <tr>', html`<table><tr><td></td></tr></table>`],
    ['a row outside of a table', 'a browser drops this <tr>, which cannot stand in <div>', html`<div><tr></tr></div>`],
    [
      'text in a table',
      'a browser moves text that stands in this <table> before it',
      html`<table>text<tbody></tbody></table>`,
    ],
    ['a link in a link', 'a browser closes <a> before this <a>', html`<a href="x"><a href="y"></a></a>`],
    ['HTML inside SVG', 'a browser closes <g> before this <div>', html`<svg><g><div></div></g></svg>`],
    ['a head outside of a document', 'a browser drops this <head>, which cannot stand here', html`<head></head>`],
    ['a script that a browser reads on', 'a browser reads', html`<script><!--<script></script>`],
    ['an event attribute', 'onclick would run its value as code: use @click', html`<p onclick=${'x'}></p>`],
    ['an event attribute in part', 'onClick would run its value as code', html`<p onClick="go(${1})"></p>`],
    ['an event property', 'onclick would run its value as code', html`<p .onclick=${'x'}></p>`],
    ['a boolean event attribute', 'onclick would run its value as code', html`<p ?onclick=${true}></p>`],
    ['innerHTML', 'innerHTML would take its value as markup', html`<p .innerHTML=${'x'}></p>`],
    ['outerHTML', 'outerHTML would take its value as markup', html`<p .outerHTML=${'x'}></p>`],
    ['srcdoc', 'srcdoc would take its value as markup', html`<iframe srcdoc=${'x'}></iframe>`],
    ['a namespaced attribute', 'xlink:href is in a namespace of its own', html`<svg><a xlink:href=${'x'}></a></svg>`],
    ['an animated link', 'to cannot be dynamic', html`<svg><a><set attributeName="href" to=${'x'} /></a></svg>`],
    ['an animation of anything', 'attributeName cannot be dynamic', html`<svg><animate attributeName=${'x'} /></svg>`],
    ['an event without hole', '@click needs a hole as its value', html`<p @click="go"></p>`],
    ['a property in part', 'the value of .title must be one hole and nothing else', html`<p .title="a ${1}"></p>`],
    ['an event without name', 'a name is missing behind @', html`<p @=${{ type: 'X' }}></p>`],
    ['code in a script', 'a <script> can hold one hole only, as data', html`<script>const x = ${1};</script>`],
    [
      'data in a script with a dynamic type',
      'a <script> can hold one hole only',
      html`<script type=${'a'}>${1}</script>`,
    ],
    ['a script inside SVG', '<script> cannot hold a hole', html`<svg><script>${'x'}</script></svg>`],
    ['the content of an iframe', '<iframe> cannot hold a hole', html`<iframe>${'x'}</iframe>`],
    ['the content of a template', '<template> cannot hold a hole', html`<template>${'x'}</template>`],
    ['an unknown reference at a hole', '&eacute; cannot stand next to a hole', html`<p title="&eacute; ${1}"></p>`],
    [
      'a property name as reference',
      '&constructor; cannot stand next to a hole',
      html`<p title="&constructor; ${1}"></p>`,
    ],
    ['a reference out of range', '&#x110000; cannot stand next to a hole', html`<title>&#x110000;${1}</title>`],
    ['an unknown escape', 'the literal holds an invalid escape', templateOf(['<p>', undefined as never], 1)],
    ['NUL', 'HTML cannot hold the character NUL', html`<p>\0</p>`],
  ])('%s', (_, problem, template) => {
    expect(() => define(template)).toThrow(expect.objectContaining({ code: 'ISLET_ERR_TEMPLATE' }));
    expect(() => define(template)).toThrow(problem);
    expect(() => define(template)).toThrow(/at line \d+, column \d+ of the template `.*`, near `.*`$/);
  });

  test('line and column are those of the literal, a hole counting as one character', () => {
    const template = html`<section class=${'a'}>
      <p title=${'b'}>${'c'}</p>
      <p><b></p>
    </section>`;
    expect(() => define(template)).toThrow(
      /at line 3, column 13 of the template `<section class=\$\{\}> <p .*`, near `.*<p><b><\/p> .*`$/,
    );
  });
});

describe('a template in a hole is refused where a browser would not leave it there', () => {
  test.each<[string, string, Template<unknown>]>([
    ['a row in a table', 'hole of <table>: a browser puts <tbody> before', html`<table>${html`<tr></tr>`}</table>`],
    ['rows in a table', 'hole of <table>: a browser puts <tbody> before', html`<table>${[html`<tr></tr>`]}</table>`],
    ['a block in a paragraph', 'hole of <p>: a browser closes <p>', html`<p>a ${html`<div></div>`}</p>`],
    ['a row in a block', 'hole of <div>: a browser drops this <tr>', html`<div>${html`<tr></tr>`}</div>`],
    ['HTML in SVG', 'inside <g> this must be declared with the svg tag', html`<svg><g>${html`<b></b>`}</g></svg>`],
    ['SVG in HTML', 'inside <p> this must be declared with the html tag', html`<p>${svg`<circle />`}</p>`],
  ])('%s', (_, problem, template) => {
    expect(() => new TestIsland(template)).toThrow(expect.objectContaining({ code: 'ISLET_ERR_TEMPLATE' }));
    expect(() => new TestIsland(template)).toThrow(problem);
  });

  test('and where it does, it is not', () => {
    const rows = [html`<tr>${html`<td>${1}</td>`}</tr>`];
    expect(new TestIsland(html`<table><tbody>${rows}</tbody></table>`).html).toContain('<tr><td>1</td></tr>');
    expect(new TestIsland(html`<svg>${svg`<g>${'text'}</g>`}</svg>`).html).toContain('<g>text</g>');
    expect(new TestIsland(html`<svg><foreignObject>${html`<p></p>`}</foreignObject></svg>`).html).toContain('<p></p>');
    expect(new TestIsland(html`<select>${html`<option>a</option>`}</select>`).html).toContain('<option>a</option>');
  });
});

test('an element whose content belongs to other code holds no hole, at any depth; its attributes may', () => {
  const of = (template: Template<unknown>): unknown => compile(template.strings, 'html');
  expect(() => of(html`<div data-islet-own title=${1}><p>static</p></div>`)).not.toThrow();
  expect(() => of(html`<div data-islet-own>${1}</div>`)).toThrow(/data-islet-own.*cannot hold a hole/);
  expect(() => of(html`<div data-islet-own><p title=${1}></p></div>`)).toThrow(/data-islet-own.*cannot hold a hole/);
});
