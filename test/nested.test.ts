// Elements inside views, as the server writes them: values between texts, made of nothing but templates, which it
// fills. What a browser makes of them is tested in test/e2e/nested.test.ts.

import Fastify from 'fastify';
import { expect, test } from 'vitest';
import { compile } from '../server/html-parser.ts';
import { clientApp, type IsletOptions, islet, serverComponent } from '../server/index.ts';
import { component, effect, html, keyed, mapMessages, memo, svg, type Template, unsafeHtml } from '../shared/index.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { type Chunk, renderChunks, renderContent } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { islandsOf } from './support/adoption.ts';
import { note } from './support/nested.ts';

function chunksOf(view: Template<unknown>): readonly Chunk[] {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view);
  return renderChunks(rendering.content);
}

const elementsOf = (view: Template<unknown>): object[] => chunksOf(view).filter((chunk) => typeof chunk !== 'string');
const element = (name: string, attributes: object = {}, isEmpty = true): object => ({ name, attributes, isEmpty });

const constant = (view: Template<never>) =>
  component<null, never>({ init: () => [null, effect.none], update: () => [null, effect.none], view: () => view });

async function render(part: object, options: IsletOptions, declare?: (app: Fastify.FastifyInstance) => void) {
  const logged: { readonly err?: { readonly message: string } }[] = [];
  const app = Fastify({ logger: { level: 'error', stream: { write: (line) => void logged.push(JSON.parse(line)) } } });
  await app.register(islet, options);
  declare?.(app);
  app.get('/', (_, reply) => reply.html(html`${part}`));
  const { payload } = await app.inject('/');
  await app.close();
  return { payload, logged };
}

test('HTML without custom elements is one text', () => {
  expect(chunksOf(html`<p title=${'<x-a>'}>${'<x-a>'}</p>${[html`<b>1</b>`, html`<b>${2}</b>`]}`)).toHaveLength(1);
});

test('an element stands where its content begins', () => {
  expect(chunksOf(html`<p>${'a'}</p><x-a title=${'b'}></x-a><x-b>c</x-b>${'d'}`)).toEqual([
    '<p>a</p><x-a title="b">',
    element('x-a', { title: 'b' }),
    '</x-a><x-b>',
    element('x-b', {}, false),
    'c</x-b>d<!---->',
  ]);
});

test('its attributes are those that a browser sees', () => {
  const view = (text: string | null, isOpen: boolean) => html`
    <x-a one two="a &amp; &quot;b&quot; &#33;" Three=${text} four="x ${text} y" ?five=${isOpen}
      .six=${text} @seven=${() => ({ type: 'Heard' })} href=${'javascript:alert(1)'} __proto__="8"></x-a>
  `;
  // a URL that would run is no attribute anywhere
  const fixed = { one: '', two: 'a & "b" !' };
  expect(elementsOf(view('"t"', true))).toEqual([
    element('x-a', { ...fixed, three: '"t"', four: 'x "t" y', five: '' }),
  ]);
  expect(elementsOf(view(null, false))).toEqual([element('x-a', { ...fixed, four: 'x  y' })]);
});

test('it is found wherever in a view it stands', () => {
  const inner = (name: string) => html`<x-a name=${name}></x-a>`;
  const view = html`<div>
    ${memo({}, () => inner('memo'))}
    ${keyed(['keyed 1', 'keyed 2'], (name) => name, inner)}
    ${[inner('array')]}
    ${mapMessages(inner('mapped'), () => ({ type: 'Mapped' }))}
    <x-b>${inner('in another')}<x-a name="last"></x-a></x-b>
  </div>`;
  expect(elementsOf(view).map((found) => Reflect.get(Reflect.get(found, 'attributes'), 'name'))).toEqual([
    ...['memo', 'keyed 1', 'keyed 2', 'array', 'mapped'],
    undefined, // <x-b> itself
    ...['in another', 'last'],
  ]);
});

test('an element of SVG with a hyphen is no custom element', () => {
  expect(elementsOf(html`<svg>${svg`<font-face></font-face>`}<x-a></x-a></svg>`)).toEqual([]);
});

test('is empty only if its template says so, whatever its holes hold', () => {
  expect(elementsOf(html`<x-a></x-a><x-a>${null}</x-a><x-a> </x-a><x-a><!-- comment --></x-a>`)).toEqual([
    element('x-a'),
    element('x-a', {}, false),
    element('x-a', {}, false),
    element('x-a'),
  ]);
});

test('the chunks, and nothing between them, are the HTML of the view', () => {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(html`<x-a title=${1}>${html`<x-b></x-b>`}</x-a>`);
  expect(renderContent(rendering.content)).toBe('<x-a title="1"><x-b></x-b></x-a>');
});

test('only what a template holds is filled, whatever data and raw markup say', async () => {
  const markup = '<test-note text="x"></test-note>';
  const island = '<server-component route="/ws/secret"></server-component>';
  const view = html`
    <i title=${markup}>${markup}${island}</i>
    <div>${unsafeHtml(markup + island)}</div>
    <style>${markup}</style><textarea>${island}</textarea>
    <script type="application/json">${markup + island}</script>
    <b>${{ strings: [markup], values: [] }}</b>
    <test-note text=${markup}></test-note>
  `;
  const { payload, logged } = await render(clientApp(constant(view), undefined), { components: [note] }, (app) =>
    app.islet.route('/ws/secret', constant(html`<p>the secret</p>`)),
  );
  expect(payload.match(/<button/g)).toHaveLength(1);
  expect(payload).toContain(`${markup}${island}</div>`);
  expect(payload).not.toContain('the secret');
  expect(logged).toEqual([]);
});

test('what an element is filled with is not part of what its outer island is taken for', async () => {
  const route = '/ws/outer';
  const outer = constant(html`<p>outer</p><test-note text="a"></test-note>`);
  const pages = [{ components: [note] }, {}].map((options) =>
    render(serverComponent({ route }), options, (app) => app.islet.route(route, outer)),
  );
  const [filled, empty] = await Promise.all(pages);
  expect(filled?.payload).toContain('<test-note text="a"><button');
  expect(empty?.payload).toContain('<test-note text="a"></test-note>');
  expect(islandsOf(filled?.payload ?? '')[0]?.adoption).toEqual(islandsOf(empty?.payload ?? '')[0]?.adoption);
});

test('a name of a character that only a browser knows leaves an element empty, and says so in the log', async () => {
  const view = html`<x-other title="&hellip;"></x-other><test-note text="&hellip;"></test-note><p>rest</p>`;
  const { payload, logged } = await render(clientApp(constant(view), undefined), { components: [note] });
  expect(payload).toContain('<test-note text="&hellip;"></test-note><p>rest</p>');
  expect(logged.map(({ err }) => err?.message)).toEqual([expect.stringContaining('text of <test-note>')]);
});
