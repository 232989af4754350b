// Every wait has an owner. Each step between a request and the release of an actor at which the server waits for the
// app is interrupted in every way there is; when all has settled, nothing is left: no connection, session, actor,
// effect, timer or listener. The steps are found in the source, so that a new one fails here until it is named.

import { globSync, readFileSync } from 'node:fs';
import { Agent, get, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { component, effect, html } from '../shared/index.ts';
import { findAwaits } from './support/awaits.ts';
import type { TestClient } from './support/client.ts';
import { ManualClock } from './support/clock.ts';
import { startServer } from './support/server.ts';
import { answerMs, idleMs, type Step, startWaitingServer, type WaitingServer } from './support/waiting-server.ts';

const headers = { cookie: 'ann' };

/** What ends a wait before its answer. */
type Interruption = 'close' | 'disconnect' | 'takeover' | 'stop' | 'leave' | 'no answer';
const all: readonly Interruption[] = ['close', 'disconnect', 'takeover', 'stop', 'leave', 'no answer'];

/** What may come late, and is let go of. */
const lateAnswers = [undefined, new Error('the database is gone')];

/** Which tests below hold a place of the source where something is waited for, or why none has to. */
const owners: { readonly [place: string]: string } = {
  'server/actors/registry.ts acquire: shared.ask': 'a join that waits for load',
  'server/actors/registry.ts acquire: waits.ask': 'a join that waits for load',
  'server/actors/registry.ts toProps: waits.ask': 'a join that waits for own props, shared props',
  'server/actors/registry.ts settle: begun.catch': 'a join that waits for own props, shared props',
  'server/actors/registry.ts close: await this.drain': 'a save',
  'server/actors/registry.ts close: await this.keeping.committer.close': 'a save',
  'server/actors/registry.ts drain: await this.within': 'a save',
  'server/actors/registry.ts drainOf: await waiting.ask': 'a save',
  'server/actors/registry.ts drainOf: waiting.ask': 'a save',
  'server/actors/registry.ts keepOwn: await this.within': 'a save',
  'server/actors/own-islands.ts keep: await Promise.all': 'a save',
  'server/actors/keeper.ts read: await this.keeping.store.load': 'a join that waits for load',
  'server/actors/making-way.ts begin: await this.replace': 'an actor that makes way for a newer state',
  'server/actors/idle-actors.ts release: await this.owner.drainOf': 'a save',
  'server/actors/registry.ts remove: keeper?.remove().catch': 'nobody waits for it, and nothing follows on it',
  'server/actors/own-islands.ts takeUp: await keeper.remove': 'a join that waits for load',
  'server/actors/own-islands.ts takeUp: keeper.load().then': 'a join that waits for load',
  'server/actors/registry.ts wake: await this.acquire': 'nobody waits for it: the actor is released when nobody looks',
  'server/actors/commit-gate.ts keep: keeper.commit(parts, tell).then': 'a save',
  'server/actors/keeper.ts load: await this.read': 'a join that waits for load',
  'server/actors/live-actor.ts drain: await new Promise<void>((resolve) => gate.whenIdle(resolve))': 'a save',
  'server/actors/sends.ts deliver: await waits.follow': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts deliver: await waits.follow #2': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts deliver: waits.follow': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts deliver: waits.follow #2': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts fetch: await waits.follow': 'what is read: test/read.test.ts, test/send.test.ts',
  'server/actors/sends.ts fetch: await waits.follow #2': 'what is read: test/read.test.ts, test/send.test.ts',
  'server/actors/sends.ts fetch: waits.follow': 'what is read: test/read.test.ts, test/send.test.ts',
  'server/actors/sends.ts fetch: waits.follow #2': 'what is read: test/read.test.ts, test/send.test.ts',
  'server/actors/sends.ts send: await this.wait': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts wait: await waits.ask': 'what is sent: test/send.test.ts',
  'server/actors/sends.ts wait: waits.ask': 'what is sent: test/send.test.ts',
  'server/actors/actor-tasks.ts start: call(registered, own, context).then':
    'nobody waits for it: its time is bounded, and what comes after that, or after the actor, is ignored (tasks.test.ts)',
  'server/actors/waker.ts look: await store.due': 'nobody waits for it, and once it has ended nothing follows',
  'server/actors/waker.ts wake: await this.options.wake':
    'nobody waits for it: the actor is released when nobody looks',
  'server/actors/registry.ts verify: await entry.keeper.writeAgain':
    'nobody waits for it: an actor that was let go of meanwhile is left alone (tasks.test.ts)',
  'server/actors/waker.ts verify: this.options.verify(key).finally': 'nobody waits for it, and nothing follows on it',
  'server/expected-people.ts keepPeople: await store.load': 'nobody waits for it, and nothing follows on it',
  'server/expected-people.ts keepPeople: await store.commit': 'nobody waits for it, and nothing follows on it',
  'server/expected-people.ts expectPeople: await store.load': 'nobody waits for it, and nothing follows on it',
  'server/sessions/sessions.ts keepOwn: await this.registry.keepOwn': 'a save',
  'server/transport/stopping.ts begin: await this.finish': 'a save',
  'server/actors/making-way.ts replace: await this.owner.toProps': 'an actor that makes way for a newer state',
  'server/actors/making-way.ts replace: waits.ask': 'an actor that makes way for a newer state',
  'server/cluster/cluster.ts close: await this.bus?.close()': 'the bus’s own tests',
  'server/cluster/line-bus.ts close: await this.line.close': 'the bus’s own tests',
  'server/cluster/line-bus.ts flush: await this.line.flush().catch': 'the bus’s own tests',
  'server/cluster/line-bus.ts flush: this.line.flush().catch': 'the bus’s own tests',
  'server/cluster/line-bus.ts tell: result.then': 'nobody waits for who listens',
  'server/cluster/memory.ts flush: Promise.resolve().then': 'the bus’s own tests',
  'server/actors/registry.ts startClaimed: shared.ask': 'the simulation of owners and edges',
  'server/actors/registry.ts wake: await this.sharedActors.wake': 'the simulation of owners and edges',
  'server/pages/island-html.ts renderShared: waits.follow #2': 'a page',
  'server/actors/registry.ts startClaimed: await this.loadShared': 'the simulation of owners and edges',
  'server/actors/registry.ts startClaimed: await claim.write': 'the simulation of owners and edges',
  'server/actors/keeper.ts isMine: await this.keeping.store.load': 'the simulation of owners and edges',
  'server/actors/registry.ts finishTurn: await this.within': 'the simulation of owners and edges',
  'server/sessions/conversation.ts awaitSession: moving.then': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts fetch: await this.ask': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts fetch: this.ask': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts fetch: await this.ask #2': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts fetch: this.ask #2': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts ask: await this.options.bus.request': 'the simulation of owners and edges',
  'server/sessions/session-moves.ts hear: await this.options.giveUp': 'the simulation of owners and edges',
  'server/actors/keeper.ts isLatest: await this.keeping.store.load':
    'a page that goes to another server: test/owners.test.ts',
  'server/actors/registry.ts close: await this.closing.within': 'the one deadline of closing: test/own-islands.test.ts',
  'server/actors/registry.ts isOvertaken: await keeper.isLatest().catch':
    'a page that goes to another server: test/owners.test.ts',
  'server/actors/registry.ts isOvertaken: await this.closing.within':
    'a page that goes to another server: test/owners.test.ts',
  'server/actors/registry.ts isOvertaken: await this.drainOf':
    'a page that goes to another server: test/owners.test.ts',
  'server/actors/registry.ts isOvertaken: keeper.isLatest().catch':
    'a page that goes to another server: test/owners.test.ts',
  'server/actors/registry.ts within: await this.closing.within': 'a save',
  'server/closing.ts within: await Promise.race': 'the one deadline of closing: test/own-islands.test.ts',
  'server/closing.ts within: work.then': 'the one deadline of closing: test/own-islands.test.ts',
  'server/plugin.ts addIslet: await registry.closing.within': 'the one deadline of closing: test/own-islands.test.ts',
  'server/sessions/sessions.ts compare: await Promise.all': 'a page that goes to another server: test/owners.test.ts',
  'server/sessions/sessions.ts compare: await moves.fetch': 'a page that goes to another server: test/owners.test.ts',
  'server/sessions/sessions.ts compare: await this.giveUp': 'a page that goes to another server: test/owners.test.ts',
  'server/sessions/sessions.ts fetch: leaving.isKept.then':
    'an island that has gone on elsewhere: test/own-islands.test.ts',
  'server/sessions/sessions.ts giveUp: this.keepAll(session).finally':
    'an island that has gone on elsewhere: test/own-islands.test.ts',
  'server/sessions/sessions.ts keepAll: await Promise.all': 'a save',
  'server/owners/claiming.ts claim: this.begin(match, account).finally': 'the simulation of owners and edges',
  'server/owners/claiming.ts begin: await bus.flush': 'the simulation of owners and edges',
  'server/owners/claiming.ts begin: await owner.request': 'the simulation of owners and edges',
  'server/owners/claiming.ts begin: await registry.startClaimed': 'the simulation of owners and edges',
  'server/owners/claiming.ts write: await row.load': 'the simulation of owners and edges',
  'server/owners/claiming.ts write: await row.claim': 'the simulation of owners and edges',
  'server/owners/claiming.ts onDiscarded: this.row?.remove().catch': 'the simulation of owners and edges',
  'server/owners/claiming.ts verify: await this.touch': 'the simulation of owners and edges',
  'server/owners/claiming.ts isStill: this.row?.isMine().catch': 'the simulation of owners and edges',
  'server/owners/claiming.ts isStill: await this.looking': 'the simulation of owners and edges',
  'server/owners/claiming.ts touch: await this.row?.touch()': 'the simulation of owners and edges',
  'server/owners/edge-link.ts begin: this.find().catch': 'the simulation of owners and edges',
  'server/owners/edge-link.ts find: await owner.lookAnew': 'the simulation of owners and edges',
  'server/owners/edge-link.ts find: await this.pause': 'the simulation of owners and edges',
  'server/owners/edge-link.ts find: await this.pause #2': 'the simulation of owners and edges',
  'server/owners/edge-link.ts find: await owner.claim': 'the simulation of owners and edges',
  'server/owners/edge-link.ts find: await this.pause #3': 'the simulation of owners and edges',
  'server/owners/edge.ts recall: await this.link.pause': 'the simulation of owners and edges',
  'server/owners/edge.ts recall: await this.looks.look': 'the simulation of owners and edges',
  'server/owners/edge-attributes.ts say: await owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-attributes.ts say: owner.ask': 'the simulation of owners and edges',
  'server/owners/owner.ts handle: this.sourceOf(ask.from) .take(ask.changes) .then':
    'the simulation of owners and edges',
  'server/owners/edge-attributes.ts say: await link.pause': 'the simulation of owners and edges',
  'server/owners/edge-questions.ts askUntilKnown: await owner.ask':
    'what is sent and read at another server: test/read.test.ts, the simulation of owners and edges',
  'server/owners/edge-questions.ts askUntilKnown: owner.ask':
    'what is sent and read at another server: test/read.test.ts, the simulation of owners and edges',
  'server/owners/edge-questions.ts askUntilKnown: await link.pause':
    'what is sent and read at another server: test/read.test.ts, the simulation of owners and edges',
  'server/owners/edge-arrivals.ts bring: await this.fetch': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts bring: await owner.link.pause': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts part: await owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts part: owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts part: await link.pause': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts html: await owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts html: owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-shown.ts fill: owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-shown.ts fill: owner.ask(ask).then': 'the simulation of owners and edges',
  'server/owners/edge-shown.ts fill: await link.pause': 'the simulation of owners and edges',
  'server/owners/edge.ts lookAnew: this.ask': 'the simulation of owners and edges',
  'server/owners/edge.ts ask: await this.home.ask': 'the simulation of owners and edges',
  'server/owners/edge.ts ask: this.home.ask': 'the simulation of owners and edges',
  'server/owners/edge-looks.ts look: await owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-looks.ts look: owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-looks.ts renewLease: await this.look': 'the simulation of owners and edges',
  'server/owners/edge-sending.ts sendUnsent: owner.ask': 'the simulation of owners and edges',
  "server/owners/edge-sending.ts sendUnsent: owner.ask({ kind: 'events', edge, term, clients }).then":
    'the simulation of owners and edges',
  'server/owners/edge-sending.ts sendGaps: owner.link.pause().then': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts fetchMount: this.request(null, false).then': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts request: await owner.ask': 'the simulation of owners and edges',
  'server/owners/edge-arrivals.ts request: owner.ask': 'the simulation of owners and edges',
  'server/owners/owner.ts bring: await this.options.isStill': 'the simulation of owners and edges',
  'server/owners/owners.ts acquire: edge.whenLinked().then': 'the simulation of owners and edges',
  'server/owners/owners.ts html: await this.ask': 'the simulation of owners and edges',
  'server/owners/owners.ts html: this.ask': 'the simulation of owners and edges',
  'server/owners/owners.ts html: await unownedHtml': 'the simulation of owners and edges',
  'server/owners/owners.ts html: await this.acquire': 'the simulation of owners and edges',
  'server/owners/owners.ts wake: await this.acquire': 'the simulation of owners and edges',
  'server/owners/owners.ts claim: await this.claiming.claim': 'the simulation of owners and edges',
  'server/owners/owners.ts onUnused: this.ask': 'the simulation of owners and edges',
  'server/owners/owners.ts hearAsk: await owner.handle': 'the simulation of owners and edges',
  'server/owners/owners.ts request: await this.bus.request': 'the simulation of owners and edges',
  'server/owners/unowned-html.ts unownedHtml: waits.ask': 'the simulation of owners and edges',
  'server/pages/island-html.ts renderIslandContent: whenReady': 'a page',
  'server/pages/island-html.ts renderIslandContent: whenReady #2': 'a page',
  'server/pages/island-html.ts renderIslandContent: whenReady #3': 'a page',
  'server/pages/island-html.ts withPerson: whenReady': 'a page',
  'server/pages/visitor.ts person: whenReady': 'a page',
  'server/pages/island-html.ts renderIslandContent: html.catch': 'a page',
  'server/pages/island-html.ts fill: joinTexts': 'a page',
  'server/pages/island-html.ts renderElementContent: joinTexts': 'a page',
  'server/pages/island-html.ts renderShared: waits.follow': 'a page',
  'server/pages/island-html.ts renderShared: whenReady': 'a page',
  'server/pages/island-html.ts renderOwn: whenReady': 'a page',
  'server/pages/page.ts renderHtml: joinTexts': 'a page',
  'server/pages/page.ts renderHtml: joinTexts #2': 'a page',
  'server/pages/page.ts renderHtml: joinTexts #3': 'a page',
  'server/pages/visitor.ts account: whenReady': 'a page',
  'server/pages/visitor.ts maySee: whenReady': 'a page',
  'server/plugin.ts addIslet: await registry.drain': 'a save',
  'server/plugin.ts addIslet: await sessions.keepOwn': 'a save',
  'server/plugin.ts registerIslet: await app.register': 'before the server listens',
  'server/plugin.ts addIslet: await acceptWebSockets': 'before the server listens',
  'server/plugin.ts addIslet: renderPage(page, { ...context, visitor, nonce: options.nonce }).finally': 'a page',
  'server/plugin.ts addIslet: await rendered.catch': 'a page',
  'server/plugin.ts addIslet: rendered.catch': 'a page',
  'server/plugin.ts addIslet: await registry.close': 'a save',
  'server/rights.ts mayJoin: waits.ask': 'a join that waits for authorize',
  'server/rights.ts mayCause: waits.ask': 'an event that waits for authorizeEvent',
  'server/rights.ts guard: answer.catch': 'a join that waits for authorize',
  'server/sessions/island-frames.ts authorize: this.gates.holdUntil': 'an event that waits for authorizeEvent',
  'server/sessions/event-gates.ts holdUntil: answer.then': 'an event that waits for authorizeEvent',
  'server/sessions/join.ts start: waits.follow': 'a join that waits for authorize',
  'server/sessions/join.ts recall: this.waits.follow': 'an actor of this process knows at once',
  'server/sessions/join.ts start: done.catch': 'a join that waits for authorize',
  'server/sessions/join.ts admit: waits.follow': 'a join that waits for own props, shared props, load',
  'server/store/committer.ts close: await promise': 'the committer’s own tests',
  'server/store/committer.ts writeNext: await this.tryAlone': 'the committer’s own tests',
  'server/store/committer.ts writeNext: await this.tryTogether': 'the committer’s own tests',
  'server/store/committer.ts tryTogether: await this.write': 'the committer’s own tests',
  'server/store/committer.ts tryTogether: await this.tryAlone': 'the committer’s own tests',
  'server/store/committer.ts tryAlone: await this.write': 'the committer’s own tests',
  'server/store/committer.ts write: await this.store.commit': 'the committer’s own tests',
  'server/store/sweeper.ts sweep: await store.sweep': 'nobody waits for it, and once it has ended nothing follows',
  'server/transport/authentication.ts ask: await waits.ask': 'a socket that waits for authenticate',
  'server/transport/authentication.ts ask: waits.ask': 'a socket that waits for authenticate',
  'server/transport/authentication.ts visitorOf: this.ask': 'a page',
  'server/transport/authentication.ts visitorOf: this.ask(request).then': 'a page',
  'server/transport/upgrade.ts acceptWebSockets: await listen': 'before the server listens',
  'server/transport/upgrade.ts listen: await app.register': 'before the server listens',
  'server/transport/upgrade.ts acceptWebSockets: authentication.ask': 'a socket that waits for authenticate',
  'server/transport/upgrade.ts acceptWebSockets: authentication.ask(request).then':
    'a socket that waits for authenticate',
  'server/transport/upgrade.ts listen: onStop().then': 'a save',
  'server/waits.ts wait: Promise.resolve(value).then': 'all of them',
  'server/when-ready.ts whenReady: Promise.resolve(value).then': 'a page',
  'server/when-ready.ts joinTexts: Promise.all(texts).then': 'a page',
};

/**
 * The app, what tests run, and what stands between the server and another program (stores, NATS): what they wait for is
 * an answer to the server, which is interrupted here from without.
 */
const exclude = ['anime/**', 'testing/**', 'upkeep/**', 'store/sqlite/**', 'store/postgres/**', 'cluster/nats.ts'].map(
  (path) => `server/${path}`,
);

test('every place where the server waits for something is named, with the tests that interrupt it', () => {
  const files = globSync('server/**/*.ts', { exclude });
  const places: string[] = [];
  for (const path of files.sort()) {
    for (const place of findAwaits(path, readFileSync(path, 'utf8'))) {
      const same = places.filter((each) => each.replace(/ #\d+$/, '') === place).length;
      places.push(same > 0 ? `${place} #${same + 1}` : place);
    }
  }
  expect(places.sort()).toEqual(Object.keys(owners).sort());
});

test('what waits is found, however it is written', () => {
  const source = `
    async function load() { await one; for await (const each of two()) use(each); }
    class Join { start() { query().then(go); return whenReady(three(), go); } }
  `;
  expect(findAwaits('x.ts', source)).toEqual([
    'x.ts load: await one',
    'x.ts load: for await (const each of two()',
    'x.ts start: query().then',
    'x.ts start: whenReady',
  ]);
});

describe('a socket that waits for authenticate', () => {
  const open = async ({ server, hold, asked }: WaitingServer): Promise<TestClient> => {
    hold('authenticate');
    const client = server.open('/islet', { headers });
    await asked('authenticate');
    return client;
  };

  test.each(lateAnswers)('leaves nothing behind when it is closed (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const client = await open(waiting);
    await client.vanish();
    await expect.poll(() => waiting.clock.waits).toEqual([]);
    await waiting.answer('authenticate', late);
    await waiting.nothingIsLeft();
    // who hangs up has not been refused
    expect(waiting.server.log.map(({ msg }) => msg)).not.toContain('authenticate let nobody in');
  });

  test('is sent away if its user was disconnected meanwhile', async () => {
    await using waiting = await startWaitingServer();
    const client = await open(waiting);
    waiting.server.app.islet.disconnect((user) => user === 'ann');
    await waiting.answer('authenticate');
    expect(await client.closed).toEqual({ code: 4401, reason: 'ISLET_ERR_DISCONNECTED' });
    await waiting.nothingIsLeft();
  });

  test('is let in if somebody else was', async () => {
    await using waiting = await startWaitingServer();
    const client = await open(waiting);
    waiting.server.app.islet.disconnect((user) => user === 'ben');
    await waiting.answer('authenticate');
    await client.opened();
    await client.hello();
    await client.close();
    await waiting.nothingIsLeft();
  });

  test.each(lateAnswers)('is refused when the server stops (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const refused = expect((await open(waiting)).opened()).rejects.toThrow('503');
    const closed = waiting.server.app.close();
    // at once: the clock stands still
    await refused;
    await closed;
    await waiting.answer('authenticate', late);
    await waiting.nothingIsLeft();
  });

  test.each(lateAnswers)('is refused when no answer comes (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const refused = expect((await open(waiting)).opened()).rejects.toThrow('503');
    await waiting.clock.advance(answerMs);
    await refused;
    await waiting.answer('authenticate', late);
    await waiting.nothingIsLeft();
  });
});

describe('a connection that has not said hello', () => {
  test('is ended when its user is disconnected, and says hello in vain', async () => {
    await using waiting = await startWaitingServer();
    const { server } = waiting;
    const client = await server.open('/islet', { headers }).opened();
    const other = await server.open('/islet', { headers: { cookie: 'ben' } }).opened();
    await other.handled();
    server.app.islet.disconnect((user) => user === 'ann');
    client.send('[0,"hello",3,null,1]');
    client.send('[1,"join","/ws/own",{},0]');
    expect(await client.closed).toEqual({ code: 4401, reason: 'ISLET_ERR_DISCONNECTED' });
    expect(client.frames.map(({ kind }) => kind)).toEqual(['error']);
    expect(await other.hello()).toMatch(/./);
    await other.close();
    expect(waiting.started).toEqual([]);
    await waiting.nothingIsLeft();
  });

  test.each(['close', 'stop', 'no hello'])('leaves nothing behind: %s', async (how) => {
    await using waiting = await startWaitingServer();
    const client = await waiting.server.open('/islet', { headers }).opened();
    if (how === 'close') await client.vanish();
    else if (how === 'stop') await waiting.stop();
    else await waiting.clock.advance(10_000);
    await client.closed;
    await waiting.nothingIsLeft();
  });
});

/** Interrupts what a client waits for. Returns what it was told, if it is still there. */
async function interrupt(how: Interruption, waiting: WaitingServer, client: TestClient, session: string) {
  const { server, clock } = waiting;
  switch (how) {
    case 'close':
      return client.vanish();
    case 'disconnect':
      server.app.islet.disconnect((user) => user === 'ann');
      expect(await client.closed).toMatchObject({ code: 4401 });
      return;
    case 'takeover': {
      const other = await server.open('/islet', { headers }).opened();
      expect(await other.hello(session)).toBe(session);
      expect(await client.closed).toMatchObject({ code: 4409 });
      await other.close();
      return;
    }
    case 'stop':
      await waiting.stop();
      expect(await client.closed).toMatchObject({ code: 1012 });
      return;
    case 'leave':
      client.send({ kind: 'leave', channel: 1 });
      await client.handled();
      return;
    case 'no answer':
      await clock.advance(answerMs);
  }
}

const joins: readonly (readonly [Step, string])[] = [
  ['authorize', '/ws/own'],
  ['authorize', '/ws/shared'],
  ['own props', '/ws/own'],
  ['shared props', '/ws/shared'],
  ['load', '/ws/shared'],
];

describe.each(joins)('a join that waits for %s of %s', (step, route) => {
  const cases = all.flatMap((how) => lateAnswers.map((late) => [how, late] as const));

  test.each(cases)('leaves nothing behind: %s (late answer: %s)', async (how, late) => {
    await using waiting = await startWaitingServer();
    const client = await waiting.server.open('/islet', { headers }).opened();
    const session = await client.hello();
    waiting.hold(step);
    client.send({ kind: 'join', channel: 1, route, attributes: {}, settled: 0, have: undefined });
    await waiting.asked(step);
    await interrupt(how, waiting, client, session);
    if (how === 'no answer') {
      expect(await client.next('error')).toMatchObject({ channel: 1, code: 'ISLET_ERR_NO_ANSWER' });
    }
    // nobody waits for an island's own actor any more; a shared one may still be wanted by the next who comes
    const isOver = step === 'authorize' || route === '/ws/own' || how === 'stop' || how === 'no answer';
    if (isOver) {
      await expect.poll(() => waiting.clock.waits).toEqual([]);
      expect(waiting.server.app.islet.size.actors).toBe(0);
    }
    await waiting.answer(step, late);
    if (isOver) expect(waiting.started).toEqual([]);
    expect(client.frames.some(({ kind }) => kind === 'mount')).toBe(false);
    if (how === 'leave' || how === 'no answer') {
      // the channel is free, and the app is asked anew
      expect(await client.join(route)).toMatchObject({ kind: 'mount' });
      await client.close();
    }
    await waiting.nothingIsLeft();
  });
});

test.each([
  ['own props', '/ws/own'],
  ['shared props', '/ws/shared'],
  ['load', '/ws/shared'],
] as const)(
  'sockets opened straight to a component that are hung up while it waits for %s leave nothing behind',
  async (step, route) => {
    await using waiting = await startWaitingServer();
    waiting.hold(step);
    const clients = await Promise.all(
      Array.from({ length: 20 }, () => waiting.server.open(route, { headers }).opened()),
    );
    await waiting.asked(step, route === '/ws/own' ? 20 : 1);
    await Promise.all(clients.map((client) => client.vanish()));
    await expect.poll(() => waiting.server.app.islet.size.connections).toBe(0);
    expect(waiting.server.app.islet.size.sessions).toBe(0);
    await waiting.answer(step);
    // a shared one may have been wanted by more than these
    expect(waiting.started).toEqual(route === '/ws/own' ? [] : [route]);
    await waiting.nothingIsLeft();
  },
);

test.each([
  ['shared props', '/ws/shared'],
  ['load', '/ws/shared'],
  ['own props', '/ws/own'],
] as const)('an actor that waits for %s ends with the server, and not when its time is over', async (step, route) => {
  await using waiting = await startWaitingServer();
  const client = await waiting.server.connect();
  waiting.hold(step);
  client.send({ kind: 'join', channel: 1, route, attributes: {}, settled: 0, have: undefined });
  await waiting.asked(step);
  await waiting.server.app.close();
  expect(waiting.clock.waits).toEqual([]);
  await waiting.answer(step);
  expect(waiting.started).toEqual([]);
});

describe('an app that disconnects whom it is asked about, in the very call that answers', () => {
  test.each([
    ['authorize', false],
    ['authorize', true],
    ['props', false],
    ['props', true],
    ['init', false],
    ['init', true],
  ] as const)('starts nothing that stays: %s (later: %s)', async (place, isLate) => {
    const clock = new ManualClock();
    const answer = <Value>(value: Value): Value | Promise<Value> => (isLate ? Promise.resolve(value) : value);
    let running = 0;
    const disconnect = (when: typeof place): void => {
      if (when === place) server.app.islet.disconnect(() => true);
    };
    const watched = component<null, never, object>({
      init: () => {
        disconnect('init');
        return [
          null,
          effect.from((_, { signal }) => {
            running++;
            signal.addEventListener('abort', () => running--);
          }),
        ];
      },
      update: (model) => [model, effect.none],
      view: () => html`<p></p>`,
    });
    await using server = await startServer(
      (app) => {
        app.islet.route('/ws/own', watched, {
          props() {
            disconnect('props');
            return answer({});
          },
        });
      },
      {
        clock,
        authorize() {
          disconnect('authorize');
          return answer(true);
        },
      },
    );
    const client = await server.connect();
    client.send({ kind: 'join', channel: 1, route: '/ws/own', attributes: {}, settled: 0, have: undefined });
    expect(await client.closed).toMatchObject({ code: 4401 });
    await clock.advance(0);
    expect(server.app.islet.size).toEqual({ actors: 0, sessions: 0, connections: 0 });
    expect(running).toBe(0);
    expect(clock.waits).toEqual([]);
  });
});

describe('an event that waits for authorizeEvent', () => {
  const cases = all.flatMap((how) => lateAnswers.map((late) => [how, late] as const));

  test.each(cases)('leaves nothing behind, nor do those after it: %s (late answer: %s)', async (how, late) => {
    await using waiting = await startWaitingServer();
    const client = await waiting.server.open('/islet', { headers }).opened();
    const session = await client.hello();
    await client.join('/ws/own');
    waiting.hold('authorizeEvent');
    client.click();
    client.click();
    await waiting.asked('authorizeEvent');
    await interrupt(how, waiting, client, session);
    if (how === 'no answer') {
      // one that nobody decided on is refused, and the next one is asked about
      await waiting.asked('authorizeEvent', 2);
      expect(await client.next('patch')).toMatchObject({
        operations: [['refused', 1, 'ISLET_ERR_NO_ANSWER', expect.any(String)]],
      });
    }
    if (how === 'leave') {
      // an island that joins on the same channel waits for none of it
      await client.join('/ws/own');
      client.click();
      await waiting.asked('authorizeEvent', 2);
      expect(waiting.clock.waits).toEqual([answerMs]);
    }
    await waiting.answer('authorizeEvent', late);
    if (how === 'no answer') {
      await client.next('patch');
      expect(client.slots()[1]).toBe(late ? 0 : 1);
      await client.close();
    } else if (how === 'leave') await client.close();
    await waiting.nothingIsLeft();
  });
});

describe('a save', () => {
  const visit = async ({ server }: WaitingServer): Promise<TestClient> => {
    const client = await server.visit('/ws/shared');
    client.click();
    await client.until(() => client.slots()[1] === 1);
    return client;
  };

  /** A click whose turn is being committed, and is not. */
  const clickInVain = async (waiting: WaitingServer, client: TestClient): Promise<void> => {
    waiting.hold('save');
    client.click();
    await waiting.asked('save');
  };

  test.each(lateAnswers)('that is not answered holds up no stop for ever (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    await clickInVain(waiting, await visit(waiting));
    await waiting.stop();
    await waiting.answer('save', late);
    await waiting.nothingIsLeft();
  });

  test('that is not answered keeps an actor that nobody looks at for those who come next, until it is', async () => {
    await using waiting = await startWaitingServer();
    const client = await visit(waiting);
    await clickInVain(waiting, client);
    await client.close();
    await waiting.clock.advance(5_000 + 60_000 + idleMs);
    await waiting.clock.advance(answerMs);
    expect(waiting.server.app.islet.size.actors).toBe(1);
    const next = await waiting.server.connect();
    const joined = next.join('/ws/shared');
    await next.handled();
    await waiting.answer('save');
    expect(await joined).toMatchObject({ kind: 'mount', content: [0, 0, 2] });
    await next.close();
    await waiting.nothingIsLeft();
    expect(waiting.started).toEqual(['/ws/shared']);
  });

  test('under way when somebody comes releases nothing', async () => {
    await using waiting = await startWaitingServer();
    const client = await visit(waiting);
    await clickInVain(waiting, client);
    client.send({ kind: 'leave', channel: 1 });
    await client.handled();
    await waiting.clock.advance(idleMs);
    const joined = client.join('/ws/shared');
    await client.handled();
    await waiting.answer('save');
    expect(await joined).toMatchObject({ kind: 'mount', content: [0, 0, 2] });
    expect(waiting.running).toBe(1);
    await client.close();
    await waiting.nothingIsLeft();
  });

  test.each(lateAnswers)('that a join waits for keeps nobody who has gone (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const client = await visit(waiting);
    await clickInVain(waiting, client);
    const next = await waiting.server.connect();
    next.send({ kind: 'join', channel: 1, route: '/ws/shared', attributes: {}, settled: 0, have: undefined });
    await next.handled();
    await next.vanish();
    await client.vanish();
    await waiting.answer('save', late);
    await waiting.nothingIsLeft();
  });
});

const pages: readonly (readonly [Step, string])[] = [
  ['authenticate', '/own'],
  ['authorize', '/own'],
  ['authorize', '/shared'],
  ['own props', '/own'],
  ['shared props', '/shared'],
  ['load', '/shared'],
];

describe.each(pages)('a page that waits for %s of %s', (step, path) => {
  const ask = async (waiting: WaitingServer) => {
    waiting.hold(step);
    const abort = new AbortController();
    const asked = fetch(waiting.server.url + path, { headers, signal: abort.signal });
    const body = asked.then((response) => response.text());
    body.catch(() => {});
    await waiting.asked(step);
    return { abort, body };
  };

  test.each(lateAnswers)('leaves nothing behind when nobody waits for it any more (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const { abort } = await ask(waiting);
    abort.abort();
    const isShared = step === 'shared props' || step === 'load';
    if (!isShared) await expect.poll(() => waiting.clock.waits).toEqual([]);
    await waiting.answer(step, late);
    await waiting.nothingIsLeft();
    if (!isShared) expect(waiting.server.errors).toEqual([]);
  });

  test.each(lateAnswers)('is sent without it when no answer comes (late answer: %s)', async (late) => {
    await using waiting = await startWaitingServer();
    const { body } = await ask(waiting);
    await waiting.clock.advance(answerMs);
    // who cannot be known is nobody, and may see what everybody may
    expect(await body).toContain(step === 'authenticate' ? '<button>0</button>' : 'role="alert"');
    await waiting.answer(step, late);
    await waiting.nothingIsLeft();
  });

  test('is sent whole when the answer comes in time', async () => {
    await using waiting = await startWaitingServer();
    const { body } = await ask(waiting);
    await waiting.answer(step);
    expect(await body).toContain('<button>0</button>');
    await waiting.nothingIsLeft();
  });
});

test('a page that waits while its user is disconnected is made for nobody', async () => {
  await using waiting = await startWaitingServer();
  waiting.hold('authenticate');
  const asked = fetch(`${waiting.server.url}/own`, { headers });
  await waiting.asked('authenticate');
  waiting.server.app.islet.disconnect((user) => user === 'ann');
  await waiting.answer('authenticate');
  expect((await asked).status).toBe(200);
  await waiting.nothingIsLeft();
});

test('pages leave no listener at a connection that is used again', async () => {
  await using waiting = await startWaitingServer();
  const sockets: Socket[] = [];
  waiting.server.app.server.on('connection', (socket: Socket) => sockets.push(socket));
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const counts: number[][] = [];
  for (let round = 0; round < 3; round++) {
    const response = await new Promise<IncomingMessage>((resolve) => {
      get(`${waiting.server.url}/own`, { agent, headers }, resolve);
    });
    response.resume();
    await new Promise((resolve) => response.once('end', resolve));
    counts.push(['close', 'end', 'error'].map((name) => sockets[0]?.listenerCount(name) ?? -1));
  }
  agent.destroy();
  expect(sockets).toHaveLength(1);
  expect(counts[2]).toEqual(counts[0]);
});
