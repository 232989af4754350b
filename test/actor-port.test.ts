// Sessions and pages ask an actor through one interface, which does not say where it runs: at the end of a line, where
// each question and each answer takes its time, pages are told the same, in the same order.

import { afterEach, expect, test } from 'vitest';
import type { ActorPort } from '../server/actors/actor-port.ts';
import { Registry } from '../server/actors/registry.ts';
import { serverComponent } from '../server/index.ts';
import { toSettings } from '../server/options.ts';
import { renderPage } from '../server/pages/page.ts';
import { Visitor } from '../server/pages/visitor.ts';
import { Conversation } from '../server/sessions/conversation.ts';
import { Sessions } from '../server/sessions/sessions.ts';
import { createMemoryPair } from '../server/transport/memory.ts';
import { component, effect, html, keyed } from '../shared/index.ts';
import { Inspector } from '../shared/runtime/inspect.ts';
import { ManualClock, settled } from './support/clock.ts';
import { DistantActor } from './support/distant-actor.ts';

interface Model {
  readonly rows: readonly number[];
}

type Message = 'added' | 'turned' | 'failed';

const board = component<Model, { readonly type: Message }>({
  init: () => [{ rows: [1, 2] }, effect.provide('theme', 'dark')],
  update({ rows }, { type }) {
    if (type === 'failed') throw new Error('refused');
    const next = type === 'added' ? [...rows, rows.length + 1] : rows.toReversed();
    return [{ rows: next }, effect.emit('done', { rows: next.length })];
  },
  view: ({ rows }) => html`
    <button @click=${{ type: 'added' }}>add</button>
    <button @click=${{ type: 'turned' }}>turn</button>
    <button @click=${{ type: 'failed' }}>fail</button>
    <ul>${keyed(
      rows,
      (row) => row,
      (row) => html`<li>${row}</li>`,
    )}</ul>
  `,
});

/** A registry whose shared actors run at the end of a line. */
class DistantRegistry extends Registry {
  private readonly distant = new Map<ActorPort, ActorPort>();

  override acquire(...given: Parameters<Registry['acquire']>): ReturnType<Registry['acquire']> {
    const found = super.acquire(...given);
    return found instanceof Promise ? found.then((actor) => this.toDistant(actor)) : this.toDistant(found);
  }

  private toDistant(actor: ActorPort): ActorPort {
    const distant = this.distant.get(actor) ?? new DistantActor(actor);
    this.distant.set(actor, distant);
    return distant;
  }
}

const silentLog = { error() {}, warn() {}, info() {} };
const endings: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of endings.splice(0)) await end();
});

/** All that two pages hear, step by step, and the HTML of a third. Names that differ from life to life are left out. */
async function play(kind: typeof Registry, options: { persist: boolean }): Promise<string[][]> {
  const settings = toSettings({ clock: new ManualClock() });
  const registry = new kind(settings, new Inspector(), silentLog);
  registry.add('/ws/board', board, { shared: true, ...options });
  const sessions = new Sessions(settings, registry);
  endings.push(async () => {
    sessions.close();
    await registry.close();
  });
  const heard: string[][] = [];
  let texts: string[] = [];
  let epoch = '';
  const known: string[] = [];
  const rest = async (): Promise<void> => {
    for (let turn = 0; turn < 20; turn++) await settled();
    heard.push(texts.map((text) => known.reduce((all, name) => all.replaceAll(name, '…'), text)));
    texts = [];
  };
  const open = () => {
    const { server, client } = createMemoryPair();
    const nothing = (): void => {};
    client.listen({
      onText(text) {
        texts.push(text);
        const [, , name] = JSON.parse(text) as unknown[];
        if (!/"(hello|mount|live)"/.test(text)) return;
        known.push(String(name));
        if (!text.includes('"hello"')) epoch = String(name);
      },
      ...{ onBinary: nothing, onAlive: nothing, onError: nothing, onClose: nothing },
    });
    new Conversation(server, null, { registry, sessions, settings, log: silentLog, onEnd: nothing }).awaitHello();
    return client;
  };
  const one = open();
  one.send('[0,"hello",3,null,1]');
  await rest();
  one.send('[1,"join","/ws/board",{},0]');
  await rest();
  // by hole: add, turn, add, one that is refused, turn
  for (const [number, hole] of [0, 1, 0, 2, 1].entries()) {
    one.send(`[1,${number + 1},"${epoch}",1,1,${hole}]`);
    await rest();
  }
  const two = open();
  two.send('[0,"hello",3,null,1]');
  two.send('[4,"join","/ws/board",{},0]');
  await rest();
  two.send(`[4,1,"${epoch}",1,1,0]`);
  two.send(`[4,2,"${epoch}",1,77,0]`);
  one.send(`[1,6,"nowhere",1,1,0]`);
  await rest();
  two.send('[4,"need",1,1]');
  await rest();
  two.send('[4,"need",1,99]');
  await rest();
  // it comes again: it is only answered again
  two.send(`[4,2,"${epoch}",1,77,0]`);
  await rest();
  two.send('[4,"leave"]');
  await rest();
  two.send('[5,"join","/ws/board",{},0]');
  await rest();
  one.terminate();
  await rest();
  const visitor = new Visitor({ settings, log: silentLog, identify: () => null, address: '' });
  const page = await renderPage(serverComponentPage(), { registry, log: silentLog, settings, visitor });
  texts.push(page.replace(/<script.*<\/script>/s, ''));
  await rest();
  two.terminate();
  await rest();
  return heard;
}

const serverComponentPage = () => html`<main>${serverComponent({ route: '/ws/board' })}</main>`;

test.each([{ persist: false }, { persist: true }])(
  'an actor whose answers come later shows pages what it would show them at once (%o)',
  async (options) => {
    const here = await play(Registry, options);
    expect(here.flat().join('\n')).toMatch(/"mount"[\s\S]*refused[\s\S]*"part"[\s\S]*<li>/);
    expect(await play(DistantRegistry, options)).toEqual(here);
  },
);
