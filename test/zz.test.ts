import { expect, test } from 'vitest';
import { memoryStore } from '../server/index.ts';
import { component, effect, html, keyed } from '../shared/index.ts';
import { startServer } from './support/server.ts';
const make = (title: string) => component<{ rows: { id: number; n: number }[] }, { type: string; id?: number }>({
  init: () => [{ rows: [1, 2, 3, 4].map((id) => ({ id, n: 0 })) }, effect.none],
  update: (m, e) => [e.type === 'turn' ? { rows: [m.rows[3]!, m.rows[1]!, m.rows[0]!, m.rows[2]!] } : { rows: m.rows.map((r) => (r.id === e.id ? { ...r, n: r.n + 1 } : r)) }, effect.none],
  view: (m) => html`<h1>${title}</h1><button @click=${{ type: 'turn' }}>turn</button><ul>${keyed(m.rows, (r) => r.id, (r) => html`<li><b @click=${{ type: 'up', id: r.id }}>${r.id}: ${r.n}</b></li>`)}</ul>`,
});
const run = async (second: ReturnType<typeof make>) => {
  const store = memoryStore(); const declare = (what: unknown) => ((app: never) => (app as never as { islet: { route: (...a: unknown[]) => void } }).islet.route('/ws/rows', what, { shared: true, persist: true })) as never;
  let session = ''; let have: never; let texts: string[] = [];
  { await using a = await startServer(declare(make('Rows')), { store });
    const c = await a.open().opened(); session = await c.hello(); await c.join('/ws/rows');
    c.click(1); await c.until(() => c.version() === 2);
    c.send(JSON.stringify([1, 2, have! ?? c.have()[0], 2, 3, 0])); await c.until(() => c.version() === 3);
    have = c.have(1, 2) as never; texts = c.texts.slice(-2); console.log(JSON.stringify(await store.load('/ws/rows'), null, 1)); }
  await using b = await startServer(declare(second), { store });
  const d = await b.open().opened(); const again = await d.hello(session); const answer = await d.join('/ws/rows', { have, settled: 1 });
  const n = d.texts.length; d.send(JSON.stringify([1, 3, (have as never as string[])[0], (have as never as [string, number])[1], 5, 0])); await d.handled();await d.handled();
  console.log(b.errors);
  return { before: texts, sameSession: again === session, answer: JSON.stringify(answer), then: d.texts.slice(n) };
};
test('the same code', async () => { const r = await run(make('Rows')); console.log(r); expect(r.answer).toContain('"live"'); expect(r.then.join()).toContain('[5,'); });
test('another view', async () => { const r = await run(make('Rows, anew')); console.log(r); });
