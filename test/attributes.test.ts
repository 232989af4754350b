// Which attributes of an element count: those that its component declares, and for `props` those that its route names.
// The same holds for a page, a join and a change; in a browser's own elements too, see test/browser/register.test.ts.

import type { FastifyInstance } from 'fastify';
import { describe, expect, test } from 'vitest';
import { clientApp, clientComponent, serverComponent } from '../server/index.ts';
import { component, effect, html, type Template } from '../shared/index.ts';
import { islandsOf } from './support/adoption.ts';
import { startServer } from './support/server.ts';

interface Told {
  readonly type: 'ParentSetLabel';
  readonly text: string | null;
}

/** Shows what it has heard of attributes, in this order: its props, and each message. */
const heard = component<readonly unknown[], Told, unknown>({
  name: 'test-heard',
  init: (props) => [[props], effect.none],
  update: (model, { text }) => [[...model, text], effect.none],
  view: (model) => html`<p>${JSON.stringify(model).replaceAll('"', '')}</p>`,
  attributes: { label: (text) => ({ type: 'ParentSetLabel', text }) },
});

const attributes = { label: 'a', sort: 'b', other: 'c', 'data-x': 'd', hidden: '', class: 'e' };

const rendered = (view: Template<never>) =>
  clientApp(
    component<null, never>({ init: () => [null, effect.none], update: () => [null, effect.none], view: () => view }),
    undefined,
  );

function declare(app: FastifyInstance): void {
  app.islet.route('/ws/declared', heard);
  app.islet.route('/ws/named/:id', heard, { attributes: ['sort'] });
  app.islet.route('/ws/props/:id', heard, {
    attributes: ['sort'],
    props: ({ params, attributes }) => ({ params, given: attributes }),
  });
  app.islet.route('/ws/shared/:id', heard, { shared: true });
  app.islet.route('/ws/shared-props/:id', heard, {
    shared: true,
    props: ({ params, attributes }) => ({ params, given: attributes }),
  });
  app.get('/page', ({ query }, reply) => {
    const { route = '' } = query as { route?: string };
    return reply.html(html`${serverComponent({ route, attributes })}`);
  });
  app.get('/view', ({ query }, reply) => {
    const { route = '' } = query as { route?: string };
    const { label, sort } = attributes;
    return reply.html(
      html`${rendered(html`
        <server-component route=${route} label=${label} sort=${sort} other="c" data-x="d" hidden class="e"></server-component>
      `)}`,
    );
  });
}

describe.each([
  ['those that the component declares', '/ws/declared', '[{label:a},a]'],
  ['and those that the route names', '/ws/named/1', '[{label:a,sort:b,id:1},a]'],
  ['also for props of its own', '/ws/props/1', '[{params:{id:1},given:{label:a,sort:b}},a]'],
  ['none for a shared actor', '/ws/shared/1', '[{id:1}]'],
  ['nor for its props', '/ws/shared-props/1', '[{params:{id:1},given:{}}]'],
])('of the attributes count %s', (_, route, expected) => {
  test('in a page, in a view, and at a join, where nothing is sent again', async () => {
    await using server = await startServer(declare);
    const client = await server.connect();
    for (const [index, path] of ['/page', '/view'].entries()) {
      const { body } = await server.app.inject(`${path}?route=${encodeURIComponent(route)}`);
      const [island] = islandsOf(body);
      expect(island?.html).toBe(`<p>${expected}</p>`);
      const { class: _, ...reported } = attributes;
      const joined = await client.join(route, { channel: 1 + index, attributes: reported, have: island?.have });
      expect(joined).toMatchObject({ kind: 'live' });
    }
    expect(await client.join(route, { channel: 3, attributes })).toMatchObject({ content: [0, expected] });
    const direct = server.open(`${route}?${new URLSearchParams(attributes)}`);
    expect(await (await direct.opened()).next('mount')).toMatchObject({ content: [0, expected] });
  });

  test('when they change', async () => {
    await using server = await startServer(declare);
    const client = await server.connect();
    await client.join(route, { attributes });
    for (const name of ['sort', 'other', 'class', 'label', '__proto__', 'constructor']) {
      client.send({ kind: 'attribute', channel: 1, name, text: 'new' });
    }
    client.send({ kind: 'attribute', channel: 1, name: 'label', text: null });
    await client.handled();
    expect(client.slots()[0]).toBe(expected.replace(/]$/, ',new,null]'));
    expect(server.errors).toEqual([]);
  });
});

test('an element of the browser starts on the server from what its component declares', async () => {
  await using server = await startServer(
    (app) => {
      app.get('/', (_, reply) =>
        reply.html(html`
          ${clientComponent(heard, { attributes: { ...attributes, slot: 'x' } })}
          ${rendered(html`<test-heard label="a" sort="b" other="c" hidden></test-heard>`)}
        `),
      );
    },
    { components: [heard] },
  );
  const { body } = await server.app.inject('/');
  expect(body.match(/<p>.*?<.p>/g)).toEqual(['<p>[{label:a},a]</p>', '<p>[{label:a},a]</p>']);
});

describe('a route', () => {
  test.each<[string, object, string]>([
    ['for a shared actor', { shared: true, attributes: ['sort'] }, 'a shared actor gets none'],
    ['in capitals', { attributes: ['Sort'] }, "the attribute 'Sort' is no attribute of HTML"],
    ['that the element keeps for itself', { attributes: ['class'] }, "the attribute 'class' is not told to a server"],
  ])('cannot name attributes %s', async (_, options, problem) => {
    await using server = await startServer(() => undefined);
    expect(() => server.app.islet.route('/ws/x', heard, options)).toThrow(problem);
  });
});
