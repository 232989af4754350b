// Writing HTML: every value at its place, and nothing in a value can become markup or code.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { ownTextOf } from '../server/testing/nodes.ts';
import { html, keyed, memo, on, type Template, unsafeHtml } from '../shared/index.ts';
import { Embedded } from '../shared/language/html.ts';
import { renderDocument } from '../shared/tree/html.ts';
import { Query, runsOf } from './support/query.ts';
import { attributeOf, firstElement, TestIsland, templateOf, toHtml } from './support/render.ts';

/** What a view looks like as a document, and as an island without its marks. They must not differ. */
function both(view: Template<unknown>): string {
  const text = toHtml(view);
  expect(new TestIsland(view).html.replaceAll('<!---->', '')).toBe(text);
  return text;
}

describe('a child hole', () => {
  test.each<[string, unknown, string]>([
    ['text', 'a <b> & "c"', 'a &lt;b&gt; &amp; "c"'],
    ['numbers', 1.5, '1.5'],
    ['zero', 0, '0'],
    ['minus zero', -0, '0'],
    ['NaN', Number.NaN, 'NaN'],
    ['infinity', -Infinity, '-Infinity'],
    ['big integers', 12n, '12'],
    ['no true', true, ''],
    ['no false', false, ''],
    ['no null', null, ''],
    ['no undefined', undefined, ''],
    ['an empty text as nothing', '', ''],
    ['templates', html`<b>${1}</b>`, '<b>1</b>'],
    ['arrays', ['a', html`<b></b>`, null, [1, 2]], 'a<b></b>12'],
    [
      'keyed lists',
      keyed(
        [1, 2],
        (item) => item,
        (item) => html`<i>${item}</i>`,
      ),
      '<i>1</i><i>2</i>',
    ],
    ['memos', memo({ n: 1 }, () => html`<i>once</i>`), '<i>once</i>'],
    ['markup on request', unsafeHtml('<i>&amp;</i>'), '<i>&amp;</i>'],
    ['dates in UTC', new Date(0), '1970-01-01T00:00:00.000Z'],
    ['what has words of its own', new URL('https://a.test/?b&c'), 'https://a.test/?b&amp;c'],
    ['other objects as data', { a: '<b>' }, '{"a":"&lt;b&gt;"}'],
  ])('shows %s', (_, value, expected) => {
    expect(both(html`<p>${value as string}</p>`)).toBe(`<p>${expected}</p>`);
    expect(both(html`<div>a ${value as string} b</div>`)).toBe(`<div>a ${expected} b</div>`);
  });

  test.each([
    ['a function', () => 1],
    ['a symbol', Symbol('x')],
  ])('refuses %s', (_, value) => {
    const view = html`<p>${value as never}</p>`;
    expect(() => toHtml(view)).toThrow(
      /cannot be shown in a view.*, in the template `<p>\$\{\}<\/p>`, hole 1 \(<p>\)$/,
    );
    expect(() => new TestIsland(view)).toThrow(expect.objectContaining({ code: 'ISLET_ERR_RENDER' }));
  });
});

describe('attributes', () => {
  test.each<[string, unknown, string]>([
    ['text is escaped', '"<&>\'', '<p title="&quot;&lt;&amp;&gt;\'"></p>'],
    ['an empty text stays', '', '<p title=""></p>'],
    ['numbers are written', 0, '<p title="0"></p>'],
    ['true is there, without a text', true, '<p title=""></p>'],
    ['false is no attribute', false, '<p></p>'],
    ['null is no attribute', null, '<p></p>'],
    ['undefined is no attribute', undefined, '<p></p>'],
  ])('%s', (_, value, expected) => {
    expect(both(html`<p title=${value as string}></p>`)).toBe(expected);
  });

  test.each([
    ['aria-expanded', 'true', 'false'],
    ['aria-Hidden', 'true', 'false'],
    ['data-on', 'true', 'false'],
    ['contenteditable', 'true', 'false'],
    ['draggable', 'true', 'false'],
    ['spellcheck', 'true', 'false'],
    ['translate', 'yes', 'no'],
    ['autocomplete', 'on', 'off'],
  ])('%s has words for true and false', (name, yes, no) => {
    const view = (value: unknown): Template => templateOf([`<p ${name}=`, '></p>'], value);
    expect(both(view(true))).toBe(`<p ${name}="${yes}"></p>`);
    expect(both(view(false))).toBe(`<p ${name}="${no}"></p>`);
    expect(both(view(null))).toBe('<p></p>');
    expect(both(html`<p ...=${{ [name]: false }}></p>`)).toBe(`<p ${name}="${no}"></p>`);
  });

  test.each([['disabled'], ['hidden'], ['open'], ['inert'], ['popover'], ['download'], ['DISABLED']])(
    '%s is there or not',
    (name) => {
      const view = (value: unknown): Template => templateOf([`<p ${name}=`, '></p>'], value);
      expect([both(view(true)), both(view(false))]).toEqual([`<p ${name}=""></p>`, '<p></p>']);
    },
  );

  test.each<[string, unknown, string]>([
    ['an object', { a: true, b: 0, 'c d': 'x' }, ' class="a c d"'],
    ['a list', ['a', null, false, true, '', 'b'], ' class="a b"'],
    ['lists and objects in each other', ['a', [{ b: true }, ['c', [undefined]]]], ' class="a b c"'],
    ['nothing', [{ a: false }, []], ''],
    ['what would end the attribute', { '"><b>': true }, ' class="&quot;&gt;&lt;b&gt;"'],
    ['a text as it is', ' a  b ', ' class=" a  b "'],
    ['an object with words of its own', new URL('https://a.test'), ' class="https://a.test/"'],
  ])('class takes %s', (_, value, expected) => {
    expect(both(html`<p class=${value as string}></p>`)).toBe(`<p${expected}></p>`);
    expect(both(html`<p ...=${{ class: value }}></p>`)).toBe(`<p${expected}></p>`);
  });

  test('class takes them beside static text', () => {
    expect(both(html`<p class="x ${{ a: 1, b: 0 }} ${['c', { d: true }]} ${true}"></p>`)).toBe(
      '<p class="x a c d "></p>',
    );
  });

  test.each<[string, unknown, string]>([
    ['names of both kinds', { fontSize: '2em', 'line-height': 1.5 }, 'font-size: 2em; line-height: 1.5;'],
    ['names of browsers', { WebkitLineClamp: 2, webkitFilter: 'none' }, '-webkit-line-clamp: 2; -webkit-filter: none;'],
    ['custom properties', { '--gapSize': 0, '--a_b': '{ x; y }' }, '--gapSize: 0; --a_b: { x; y };'],
    ['what may be missing', { color: null, top: undefined, left: false, right: '' }, ''],
    ['a list', ['color: red', { top: 0 }, null, [{ left: '1px' }]], 'color: red; top: 0; left: 1px;'],
    ['a text as it is', 'color: red', 'color: red'],
    ['priority', { color: 'red !important' }, 'color: red !important;'],
    ['an address', { background: 'url(data:image/png;base64,AA==)' }, 'background: url(data:image/png;base64,AA==);'],
    ['a string', { content: "'; {('" }, "content: '; {(';"],
  ])('style takes %s', (_, value, expected) => {
    expect(attributeOf(firstElement(both(html`<p style=${value as string}></p>`), 'p'), 'style') ?? '').toBe(expected);
    expect(attributeOf(firstElement(both(html`<p ...=${{ style: value }}></p>`), 'p'), 'style') ?? '').toBe(expected);
  });

  test.each([
    { color: 'red; top: 0' },
    { color: 'red} b { top: 0' },
    { color: "'red; top: 0" },
    { color: 'url(a; top: 0' },
    { background: "url(a'b) ; top: 0; x: url('c)" },
    { color: 'red /* ' },
    { color: 'red\\' },
    { color: '"red\n; top: 0; "' },
    { color: ')' },
    { 'color: blue; top': '0' },
    { 'top:0;color': 'red' },
    { '--x;top': '0' },
    { '': '0' },
  ])('style leaves out what is more than one declaration: %j', (style) => {
    expect(both(html`<p style=${style}></p>`)).toBe('<p></p>');
  });

  test('come from an object, and what the template says itself stays', () => {
    const given = { id: 'b', title: 'c "d"', hidden: true, 'data-x': false, lang: null, tabIndex: 0, class: ['e'] };
    expect(both(html`<p id="a" ...=${given} .title=${'f'}>${1}</p>`)).toBe(
      '<p id="a" hidden="" data-x="false" tabIndex="0" class="e" title="f">1</p>',
    );
    expect(both(html`<p ...=${null}></p><p ...=${false}></p><p ...=${undefined}></p>`)).toBe('<p></p><p></p><p></p>');
    expect(both(html`<a ...=${{ href: 'javascript:alert(1)', title: 'a' }}></a>`)).toBe('<a title="a"></a>');
    expect(both(html`<object ...=${{ data: ' javascript:alert(1)' }}></object>`)).toBe('<object></object>');
  });

  test.each<[string, unknown]>([
    ['onclick would run its value as code: use @click', { onclick: 'x' }],
    ['ONCLICK would run its value as code', { ONCLICK: 'x' }],
    ['srcdoc would take its value as markup', { srcdoc: 'x' }],
    ['innerHTML would take its value as markup', { innerHTML: 'x' }],
    ['@click cannot come from an object: write @click=${...}', { '@click': { type: 'X' } }],
    ['.value cannot come from an object', { '.value': 'x' }],
    ["'xlink:href' cannot be an attribute's name", { 'xlink:href': 'x' }],
    ["'a b' cannot be an attribute's name", { 'a b': 'x' }],
    ["'a=\"' cannot be an attribute's name", { 'a="': 'x' }],
    ["'' cannot be an attribute's name", { '': 'x' }],
    ['...= takes an object of attributes, or nothing', 'x'],
    ['...= takes an object of attributes, or nothing', ['x']],
    ["a function cannot be an attribute's value", { title: () => 1 }],
  ])('of an object are refused: %s', (problem, value) => {
    const view = html`<p ...=${value as object}></p>`;
    expect(() => toHtml(view)).toThrow(problem);
    expect(() => new TestIsland(view)).toThrow(expect.objectContaining({ code: 'ISLET_ERR_RENDER' }));
  });

  test('are partly dynamic, with parts that may be missing', () => {
    const isOpen = false;
    expect(both(html`<p class="card ${'big'} ${isOpen && 'open'} ${null}${1}"></p>`)).toBe(
      '<p class="card big  1"></p>',
    );
  });

  test('decode references that stand beside a hole', () => {
    expect(
      attributeOf(firstElement(both(html`<p title="a &amp; &lt;b&#62; &quot;${'&amp;'}"></p>`), 'p'), 'title'),
    ).toBe('a & <b> "&amp;');
  });

  test('that are boolean are there or not', () => {
    expect(both(html`<input ?disabled=${1} ?hidden=${0}>`)).toBe('<input disabled>');
  });

  test('stand for the properties that HTML can say', () => {
    expect(both(html`<input .value=${'a"b'} .checked=${true} .disabled=${false} .data=${{ a: 1 }}>`)).toBe(
      '<input value="a&quot;b" checked>',
    );
    expect(both(html`<p .className=${'x'} .hidden=${true}></p>`)).toBe('<p class="x" hidden></p>');
  });

  test('do not stand for properties of custom elements, which mean what they want', () => {
    expect(both(html`<my-input .value=${'a'}></my-input>`)).toBe('<my-input></my-input>');
  });

  test('do not stand for the value of a textarea, which is its text', () => {
    expect(both(html`<textarea .value=${'a</b>'} rows=${2}></textarea>`)).toBe(
      '<textarea rows="2">a&lt;/b&gt;</textarea>',
    );
    expect(both(html`<textarea .value=${'\n\na'}></textarea>`)).toBe('<textarea>\n\n\na</textarea>');
    expect(both(html`<textarea .value=${null}></textarea>`)).toBe('<textarea></textarea>');
    expect(both(html`<textarea .value=${'a'}>b</textarea>`)).toBe('<textarea>b</textarea>');
  });

  test('nor for the choice of a select, which stands at its options', () => {
    const option = ([value, text = value]: readonly string[]) => html`<option value=${value}>${text}</option>`;
    const texts = html`<option>x</option>${html`<option selected>  a   ${'&b'} </option>`}<option>a &amp;b</option>`;
    expect(both(html`<select .value=${'b'}>${[['a'], ['b'], ['c']].map(option)}</select><option>b</option>`)).toBe(
      '<select><option value="a">a</option><option value="b" selected>b</option><option value="c">c</option></select><option>b</option>',
    );
    expect(both(html`<select .value=${'x'} name=${'n'}>${texts}</select>`)).toBe(
      '<select name="n"><option selected>x</option><option>  a   &amp;b </option><option>a &amp;b</option></select>',
    );
    expect(both(html`<select .value=${'a &b'}>${texts}</select>`)).toBe(
      '<select><option>x</option><option selected>  a   &amp;b </option><option>a &amp;b</option></select>',
    );
    expect(both(html`<select .value=${'none'}>${texts}</select>`)).toContain('<option selected>  a');
    expect(
      both(html`<select multiple .value=${['b', 'c']}>${['a', 'b', 'c'].map((each) => option([each]))}</select>`),
    ).toBe(
      '<select multiple><option value="a">a</option><option value="b" selected>b</option><option value="c" selected>c</option></select>',
    );
    expect(
      both(
        html`<select .value=${2}><optgroup label="selected> value=2">${keyed(
          [1, 2],
          (each) => each,
          (each) => html`<option title=' value="2"' value=${each}>${html`<b>${each}</b>`}</option>`,
        )}</optgroup></select><p>${'c'}</p>`,
      ),
    ).toContain(
      `<option title=" value=&quot;2&quot;" value="2" selected><b>2</b></option></optgroup></select><p>c</p>`,
    );
  });

  test('stand for what fields of all kinds show', () => {
    expect(
      both(html`
        <input type="number" .value=${1.5}><input type="radio" .checked=${true}><input type="checkbox" .indeterminate=${true}>
        <details .open=${true}></details><progress .value=${0.5} .max=${2}></progress><meter .value=${0} .low=${1}></meter>
      `).replace(/\s*\n\s*/g, ''),
    ).toBe(
      '<input type="number" value="1.5"><input type="radio" checked><input type="checkbox">' +
        '<details open></details><progress value="0.5" max="2"></progress><meter value="0" low="1"></meter>',
    );
  });

  test('never say anything of events', () => {
    const click = { type: 'UserClicked' };
    expect(both(html`<p @click=${click} @input=${() => click} @keyup=${on(click)} @blur=${null}></p>`)).toBe('<p></p>');
  });

  test('refuse what cannot be a listener', () => {
    expect(() => new TestIsland(html`<p @click=${'code()'}></p>`)).toThrow(
      '@click takes a message, its type, a function or on(...); got code(), in the template `<p @click=${}></p>`',
    );
  });
});

describe('text elements', () => {
  test('escape what they hold', () => {
    expect(both(html`<title>${'a</title><b>'}</title>`)).toBe('<title>a&lt;/title&gt;&lt;b&gt;</title>');
    expect(both(html`<textarea>${'</textarea>'}</textarea>`)).toBe('<textarea>\n&lt;/textarea&gt;</textarea>');
  });

  test('show nothing for nothing', () => {
    expect(both(html`<title>${null}</title><textarea>${false}</textarea>`)).toBe(
      '<title></title><textarea>\n</textarea>',
    );
  });

  test('join texts and values', () => {
    expect(both(html`<title>${'a'} &amp; ${2}</title>`)).toBe('<title>a &amp; 2</title>');
  });

  test('of style cannot be ended by a value', () => {
    const markup = both(html`<style>a::before { content: "${'</style><b>'}" }</style>`);
    expect(ownTextOf(firstElement(markup, 'style'))).toBe('a::before { content: "\\3c /style>\\3c b>" }');
    expect(both(html`<style>@media (width < ${600}px) { a > b { color: red } }</style>`)).toContain(
      '(width < 600px) { a > b',
    );
  });

  test('of script hold data that cannot end the element', () => {
    const data = { text: '</script><script>alert(1)</script><!--<script>', list: [1, null, '\u2028'] };
    const markup = both(html`<script type="application/json">${data}</script><p></p>`);
    expect(markup).not.toMatch(/<\/script>.+<\/script>/s);
    expect(JSON.parse(ownTextOf(firstElement(markup, 'script')))).toEqual(data);
  });

  test('of script refuse data that is not JSON', () => {
    const circular: { self?: unknown } = {};
    circular.self = circular;
    expect(() => toHtml(html`<script type="application/json">${circular}</script>`)).toThrow(
      'cannot be written as JSON',
    );
    expect(both(html`<script type="application/json">${undefined}</script>`)).toContain('>null<');
  });
});

describe('URLs that run code', () => {
  const urls = [
    'javascript:alert(1)',
    'JavaScript:alert(1)',
    ' \n\tjavascript:alert(1)',
    '\u0001\u001fjavascript:alert(1)',
    'java\nscript:alert(1)',
    'j\ta\rv\na\tscript\t:alert(1)',
  ];

  test.each(urls)('%j is left out of href, src, action and formaction', (url) => {
    const view = html`<a href=${url}></a><img src=${url}><form action=${url}></form><button formaction=${url}></button>`;
    expect(both(view)).toBe('<a></a><img><form></form><button></button>');
  });

  test.each(urls)('%j is left out of properties', (url) => {
    expect(both(html`<a .href=${url}></a>`)).toBe('<a href=""></a>');
  });

  test.each([
    ['javascript:', 'alert(1)'],
    ['java', 'script:alert(1)'],
    ['', ' javascript:alert(1)'],
  ])('is put together of %j and %j', (start, end) => {
    expect(both(html`<a href="${start}${end}"></a>`)).toBe('<a></a>');
  });

  test('a static start is part of the URL', () => {
    expect(both(html`<a href="javascript:${'alert(1)'}"></a>`)).toBe('<a></a>');
    expect(both(html`<a href="  java${'script:alert(1)'}"></a>`)).toBe('<a></a>');
    expect(both(html`<a href="/go?to=${'javascript:alert(1)'}"></a>`)).toBe(
      '<a href="/go?to=javascript:alert(1)"></a>',
    );
  });

  test('an object that is a URL is one of these', () => {
    const url = { toString: () => 'javascript:alert(1)' };
    expect(both(html`<a href=${url} .href=${url}></a>`)).toBe('<a href=""></a>');
    expect(both(html`<a href=${['javascript:alert(1)']}></a>`)).toBe('<a></a>');
  });

  test('others stay', () => {
    for (const url of ['/a', 'https://a.test', 'mailto:a@b.test', '#javascript:', 'x-javascript:a', 'javascript']) {
      expect(attributeOf(firstElement(both(html`<a href=${url}></a>`), 'a'), 'href')).toBe(url);
    }
  });
});

describe('what a browser reads is what was written', () => {
  const anyText = fc.string({
    unit: fc.oneof(fc.constantFrom(...'\n\r\t<>&"\'-!/\\'), fc.string({ minLength: 1, maxLength: 1 })),
  });
  // NUL and lone surrogates cannot be said in HTML
  const shown = (text: string): string => text.toWellFormed().replaceAll('\0', '\ufffd');

  test.each<[string, string, (text: string) => Template<unknown>]>([
    ['div', '', (text) => html`<div>${text}</div>`],
    ['pre', '', (text) => html`<pre>${text}</pre>`],
    ['pre with more', '', (text) => html`<pre>${text}<b></b></pre>`],
    ['textarea', '', (text) => html`<textarea>${text}</textarea>`],
    ['textarea with more', 'a ', (text) => html`<textarea>a ${text}</textarea>`],
    ['title', '', (text) => html`<title>${text}</title>`],
  ])('in the text of %s', (name, before, view) => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const markup of [toHtml(view(text)), new TestIsland(view(text)).html]) {
          expect(ownTextOf(firstElement(markup, name.split(' ')[0] as string))).toBe(before + shown(text));
        }
      }),
    );
  });

  test('in attributes, whole and in part', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        for (const markup of [
          toHtml(html`<p title=${text} lang="a ${text}"></p>`),
          new TestIsland(html`<p title=${text} lang="a ${text}"></p>`).html,
        ]) {
          const element = firstElement(markup, 'p');
          expect(attributeOf(element, 'title')).toBe(shown(text));
          expect(attributeOf(element, 'lang')).toBe(`a ${shown(text)}`);
        }
      }),
    );
  });

  test('data in a script, whatever it is', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        const markup = toHtml(html`<script type="application/json">${data}</script>`);
        expect(JSON.parse(ownTextOf(firstElement(markup, 'script')))).toEqual(JSON.parse(JSON.stringify(data)));
      }),
    );
  });

  test('a newline that is written into pre and textarea stays where it is', () => {
    expect(
      ownTextOf(
        firstElement(
          toHtml(html`<pre>

second line</pre>`),
          'pre',
        ),
      ),
    ).toBe('\nsecond line');
  });
});

describe('data is never markup', () => {
  test('an object that looks like a template is text', () => {
    const data = JSON.parse('{"strings":["<b>","</b>"],"values":[1],"namespace":"html","raw":["<b>"]}');
    expect(both(html`<p>${data}</p>`)).toContain('&lt;b&gt;');
    expect(both(html`<p>${data}</p>`)).not.toContain('<b>');
  });

  test('neither is one that looks like raw markup', () => {
    expect(both(html`<p>${{ html: '<b></b>' }}</p>`)).toBe('<p>{"html":"&lt;b&gt;&lt;/b&gt;"}</p>');
  });

  test('the strings of a tag are markup, the values of a forged call are not', () => {
    expect(both(html`<p>${['<b>', '</b>']}</p>`)).toBe('<p>&lt;b&gt;&lt;/b&gt;</p>');
  });
});

describe('a hostile object', () => {
  const circular: unknown[] = [];
  circular.push({ circular });
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('no');
      },
      getPrototypeOf: () => {
        throw new Error('no');
      },
    },
  );
  const { proxy: revoked, revoke } = Proxy.revocable({}, {});
  revoke();
  const hostile: [string, unknown][] = [
    ['without prototype', Object.create(null)],
    [
      'with a toString that throws',
      {
        toString() {
          throw new Error('no');
        },
      },
    ],
    ['with a toString that is none', { toString: 'no' }],
    ['with a toString that gives an object', { toString: () => ({}) }],
    [
      'with a toJSON that throws',
      {
        toJSON() {
          throw new Error('no');
        },
      },
    ],
    ['with a toJSON that gives nothing', { toJSON: () => undefined }],
    ['that holds itself', circular],
    ['that is an invalid date', new Date(Number.NaN)],
    ['with a big integer', { big: 1n }],
  ];

  test.each(hostile)('%s does not throw in any hole', (_, value) => {
    both(
      html`<p title=${value as string} class="a ${value as string}" ?hidden=${value as string} .title=${value as string}>${value as string}</p>`,
    );
    both(html`<a href=${value as string} .href=${value as string}></a><input .value=${value as string}>`);
    both(html`<title>${value as string}</title><textarea>a ${value as string}</textarea>`);
  });

  test.each([
    ['that throws at any touch', throwing],
    ['that is a revoked proxy', revoked],
  ])('%s is a render error or text', (_, value) => {
    expect(() => toHtml(html`<p title=${value as unknown as string}></p>`)).not.toThrow();
  });
});

describe('documents', () => {
  class Part extends Embedded {
    readonly #html: string | PromiseLike<string>;
    constructor(markup: string | PromiseLike<string>) {
      super();
      this.#html = markup;
    }
    renderHtml(context: unknown): string | PromiseLike<string> {
      return typeof this.#html === 'string' ? `${this.#html}${String(context)}` : this.#html;
    }
  }

  test('put embedded parts in their places, with what the document was given', () => {
    expect(renderDocument(html`<p>${'a'} ${new Part('<b></b>')} ${'c'}</p>`, compile, '!')).toBe('<p>a <b></b>! c</p>');
  });

  test('wait for parts that come later, all at once, and keep their order', async () => {
    const later = new Promise<string>((resolve) => setTimeout(resolve, 5, '<i>1</i>'));
    const view = html`<p>${new Part(later)}${[new Part(Promise.resolve('<i>2</i>')), 'x']}</p><p>${new Part('3')}</p>`;
    expect(await renderDocument(view, compile, '!')).toBe('<p><i>1</i><i>2</i>x</p><p>3!</p>');
  });

  test('wait for parts that are no promise but can be awaited, and do so once', async () => {
    const render = async () => renderDocument(html`<p>${new Part(new Query(() => '<i>1</i>'))}</p>`, compile, '!');
    expect(await runsOf(async () => expect(await render()).toBe('<p><i>1</i></p>'))).toBe(1);
  });

  test('fail at once with what fails at once, whatever becomes of the parts that come later', async () => {
    const late = Promise.reject(new Error('late'));
    expect(() => toHtml(html`<p>${new Part(late)} ${Symbol('x') as never}</p>`)).toThrow('cannot be shown in a view');
    await new Promise((resolve) => setTimeout(resolve, 1));
  });

  test('fail with a part that fails', async () => {
    const view = html`<p>${new Part(Promise.reject(new Error('broken')))}</p>`;
    await expect(renderDocument(view, compile, undefined)).rejects.toThrow('broken');
  });

  test('have no marks', () => {
    expect(toHtml(html`a ${1} b ${[html`c`, 'd']} ${html``}e`)).toBe('a 1 b cd e');
  });

  test('an embedded part cannot stand in a view', () => {
    expect(() => new TestIsland(html`<p>${new Part('x')}</p>`)).toThrow('write <server-component>');
  });
});

test('two items of one key are an error that shows the key and the key function', () => {
  const rows = [{ id: 'a' }, { id: 'a' }];
  expect(() => new TestIsland(html`<ul>${keyed(rows, 'id', () => html`<li></li>`)}</ul>`)).toThrow(
    'two items of a keyed list have the key "a" (key: id)',
  );
});
