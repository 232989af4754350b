// The way of one click, from a template to the DOM of everybody who looks, through every layer in its order. Read it
// from top to bottom; docs/journey.md says the same in words. Nothing here is made for the test: each step calls what
// the server and the browser call, and the next step goes on with what came out.

import type { Browser } from 'playwright';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { renderIsland } from '../server/actors/adoption.ts';
import { compile } from '../server/html-parser.ts';
import { serverComponent } from '../server/index.ts';
import { component, effect, html } from '../shared/index.ts';
import type { Definition } from '../shared/template/definition.ts';
import { TemplateTable } from '../shared/tree/encode.ts';
import { renderContent, textOf } from '../shared/tree/html.ts';
import { Rendering } from '../shared/tree/rendering.ts';
import { decodeClientFrame, encodeEvent } from '../shared/wire/client-frames.ts';
import { decodeServerFrame, encodeOperations, encodePatchFrame } from '../shared/wire/server-frames.ts';
import { islandsOf } from './support/adoption.ts';
import { launchBrowser } from './support/browser.ts';
import type { TestClient } from './support/client.ts';
import { startServer, type TestServer } from './support/server.ts';

// 0. Somebody writes a component: three functions, and what may happen as a type.

type Message = { readonly type: 'UserClickedUp' };

const rating = component<number, Message>({
  init: () => [5, effect.none],
  update: (score, message) => [message.type === 'UserClickedUp' ? score + 1 : score, effect.none],
  view: (score) => html`<button @click=${{ type: 'UserClickedUp' }}>+</button> <b>${score}</b>`,
});

// What the steps hand on to each other.
let definition: Definition;
let rendering: Rendering;
let server: TestServer;
let page: TestClient;
let neighbour: TestClient;
let event: string;
let frame: string;

beforeAll(async () => {
  server = await startServer((app) => {
    app.islet.route('/ws/rate', rating, { shared: true });
    app.get('/', (_, reply) =>
      reply.html(html`
        <!doctype html>
        <html lang="en">
          <head><title>Journey</title><script type="module" src="/islet/element.js"></script></head>
          <body>${serverComponent({ route: '/ws/rate' })}</body>
        </html>
      `),
    );
  });
});

afterAll(() => server[Symbol.asyncDispose]());

test('1. the view is a value: the text of a literal, and what stands in its holes (shared/language/html.ts)', () => {
  const view = rating.view(5);
  expect(view.strings).toEqual(['<button @click=', '>+</button> <b>', '</b>']);
  expect(view.values).toEqual([{ type: 'UserClickedUp' }, 5]);
});

test('2. the literal is compiled, once (shared/template/compile.ts)', () => {
  const { strings, namespace } = rating.view(5);
  definition = compile(strings, namespace);
  expect(compile(rating.view(6).strings, 'html')).toBe(definition);
  // for the browser: static markup, and where in it the holes are
  expect(definition.markup).toBe('<button>+</button> <b></b>');
  expect(definition.holes.map(({ kind, name, path }) => ({ kind, name, path }))).toEqual([
    { kind: 5, name: 'click', path: [0] }, // an event, at the first node
    { kind: 0, name: '', path: [2] }, // the only content of the third node
  ]);
  // for the server: the HTML between the holes
  expect(definition.pieces).toEqual(['<button', '>+</button> <b>', '</b>']);
});

test('3. it is rendered as a tree, and the tree written as HTML (shared/tree/)', () => {
  rendering = new Rendering(compile, new TemplateTable());
  const patch = rendering.render(rating.view(5));
  expect(patch).toEqual([]); // there is nothing yet that could be patched
  expect(rendering.toIds()).toEqual([1, 1]); // one instance; its id is 1
  expect(renderContent(rendering.content)).toBe('<button>+</button> <b>5</b>');
});

test('4. a page is asked for: the actor starts, and its HTML comes with what adoption needs (server/pages/page.ts)', async () => {
  const { body } = await server.app.inject('/');
  const [island] = islandsOf(body);
  expect(island?.html).toBe('<button>+</button> <b>5</b>');
  const { epoch = '', version = 0, digest } = island?.adoption ?? {};
  expect(island?.adoption).toMatchObject({
    version: 1,
    nextId: 2,
    ids: 0, // counted from 1 on
    shape: [0, 0, 0], // an instance of template 0: its click needs no data, and there is a text
    // the browser learns the template here, and once
    definitions: [[0, '<button>+</button> <b></b>', [5, 'click', 0], [0, '', 2]]],
  });
  // the tree of step 3 is the one that the actor has
  expect(textOf(renderIsland(rendering, { epoch, version, attributes: [] }))).toContain(`"${digest}"`);
});

test('5. the page says what it has, and gets what it is missing: nothing (server/sessions/conversation.ts, server/sessions/subscription.ts)', async () => {
  const { body } = await server.app.inject('/');
  const have = islandsOf(body)[0]?.have;
  page = await server.connect();
  const { kind } = await page.join('/ws/rate', { have });
  expect(kind).toBe('live');
  expect(page.texts.at(-1)).toBe(`[1,"live","${have?.[0]}",1,0]`);
  neighbour = await server.visit('/ws/rate'); // somebody else, without the page
});

test('6. the button is clicked: the event has a number, and names instance and hole (shared/wire/client-frames.ts)', () => {
  const [epoch, version] = page.have();
  event = encodeEvent(1, 1, epoch, version, 1, 0);
  expect(event).toBe(`[1,1,"${epoch}",1,1,0]`);
  page.send(event);
});

test('7. the server decodes it, and finds whose message it is (server/actors/live-actor.ts, shared/runtime/runtime.ts)', () => {
  const decoded = decodeClientFrame(event, { maxDepth: 16 });
  if (decoded === null || typeof decoded === 'string' || decoded.kind !== 'event') throw new Error('this is no event');
  const found = rendering.findListener(decoded.instance as number, decoded.hole);
  expect(found?.listener).toEqual({ type: 'UserClickedUp' });
});

test('8. update makes the next model of it (shared/runtime/logic.ts runs it as an XState actor)', () => {
  expect(rating.update(5, { type: 'UserClickedUp' })).toEqual([6, effect.none]);
});

test('9. the view of the next model is compared with the tree: the outcome is a patch (shared/tree/diff.ts)', () => {
  const patch = rendering.render(rating.view(6));
  expect(patch).toEqual([[1, 1, 6]]); // instance 1, hole 1: the text is 6
  expect(renderContent(rendering.content)).toBe('<button>+</button> <b>6</b>');
  frame = encodePatchFrame(1, encodeOperations(patch), undefined);
  expect(frame).toBe('[1,[1,1,6]]');
});

test('10. that is what the actor sends to all who look, encoded once (server/actors/delivery.ts, server/transport/text-frame.ts)', async () => {
  await neighbour.next('patch');
  expect(neighbour.texts.at(-1)).toBe(frame);
  // the page that clicked also hears that its first event was handled
  await page.next('patch');
  expect(page.texts.at(-1)).toBe('[1,[1,1,6],1]');
  expect(server.app.islet.counters).toMatchObject({ views: 2, encodings: 1 });
});

test('11. the other end decodes it (shared/wire/server-frames.ts)', () => {
  expect(decodeServerFrame(frame)).toEqual({ kind: 'patch', channel: 1, operations: [[1, 1, 6]], event: undefined });
});

test('12. and in a browser it is one text that changes (client-runtime/)', async () => {
  await using browser: Browser = await launchBrowser();
  const tab = await browser.newPage();
  await tab.goto(server.url);
  const score = await tab.waitForSelector('server-component:state(live) b');
  expect(await score.textContent()).toBe('6');
  await tab.click('button');
  await tab.waitForFunction((node) => node.textContent === '7' && node.isConnected, score); // the same node as before
  await neighbour.next('patch');
  expect(neighbour.texts.at(-1)).toBe('[1,[1,1,7]]');
});
