// The laws of fields over real sockets: whatever form, whatever is done with it, however late the server is, however often
// the connection is cut or the server replaced meanwhile, and whoever comes back to the page.

import fc from 'fast-check';
import type { Page } from 'playwright';
import { expect, test } from 'vitest';
import { serverComponent } from '../../server/index.ts';
import {
  type Act,
  anyAct,
  anyForm,
  Deeds,
  type FormSpec,
  form,
  formOfNextRelease,
  perform,
  readControls,
  type Shown,
} from '../support/arbitrary-forms.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startServer, type TestServer } from '../support/server.ts';

const newPage = openPages();

type Trouble =
  | { readonly kind: 'cut' }
  | { readonly kind: 'pause' }
  | { readonly kind: 'delay'; readonly ms: number }
  /** Another server takes the place of this one; perhaps it is another release, which shows the same otherwise. */
  | { readonly kind: 'restart'; readonly isOther: boolean }
  /** The page is left, and is there again when its person goes back. */
  | { readonly kind: 'back' };

const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delay'), ms: fc.constantFrom(0, 20, 60) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart'), isOther: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('back') }) },
);

const specs: FormSpec[] = [];

function serve(component: typeof form): Promise<TestServer> {
  return startServer((app) => {
    app.islet.route('/ws/form/:index', component, {
      props: ({ params: { index } }) => specs[Number(index)] as FormSpec,
    });
    app.get<{ Params: { index: string } }>('/:index', (request, reply) =>
      reply.html(documentWith(serverComponent({ route: `/ws/form/${request.params.index}` }))),
    );
    app.get('/other', (_, reply) => reply.html(documentWith('another page')));
  });
}

/** A page whose server can be replaced by another one. */
class Scene {
  readonly page: Page;
  readonly proxy: TestProxy;
  server: TestServer;

  constructor(page: Page, proxy: TestProxy, server: TestServer) {
    this.page = page;
    this.proxy = proxy;
    this.server = server;
  }

  async isLive(): Promise<void> {
    await this.page.locator('server-component:state(live)').waitFor();
  }

  async cutAndRead(): Promise<readonly [Shown, string[]]> {
    this.proxy.refuse();
    await this.page.locator('server-component:state(offline)').waitFor();
    return [await this.shown(), await this.controls()];
  }

  async restart(component: typeof form): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    this.server = await serve(component);
    this.proxy.target = this.server.url;
    this.proxy.accept();
    await this.isLive();
  }

  async shown(): Promise<Shown> {
    return JSON.parse((await this.page.locator('output').textContent()) ?? '');
  }

  controls(): Promise<string[]> {
    return this.page.locator('server-component').evaluate(readControls as never);
  }

  /** Waits until every event has its outcome. */
  async rest(): Promise<void> {
    await this.page.locator('server-component:state(live):not(:state(pending))').waitFor();
  }
}

async function faultsOf(scene: Scene, url: string, spec: FormSpec, steps: readonly (Act | Trouble)[]) {
  const { page, proxy } = scene;
  proxy.delayMs = 0;
  await page.goto(url);
  await scene.isLive();
  const deeds = new Deeds(spec);
  for (const step of steps) {
    if (step.kind === 'delay') proxy.delayMs = step.ms;
    else if (step.kind === 'cut') proxy.cut();
    else if (step.kind === 'pause' || step.kind === 'wait') await page.waitForTimeout(30);
    else if (step.kind === 'restart') {
      const [{ values }, controls] = await scene.cutAndRead();
      deeds.restart(values, controls);
      await scene.restart(step.isOther ? formOfNextRelease : form);
    } else if (step.kind === 'back') {
      await page.goto(new URL('/other', url).href);
      await page.goBack();
      await scene.isLive();
      deeds.comeBack();
    } else if (step.kind !== 'submit' || spec.sent) deeds.note(step, await page.evaluate(perform, step));
  }
  await page.evaluate(perform, { kind: 'blur' } as Act);
  await scene.rest();
  // what nobody tells is put right when something else is settled
  await page.evaluate(perform, { kind: 'rest' } as Act);
  await scene.rest();
  await page.waitForTimeout(20);
  return deeds.findFaults(await scene.shown(), await scene.controls());
}

test('what is settled shows the model, and what was done is told once, over any connection, restart and way back', async () => {
  const server = await serve(form);
  await using proxy = await startProxy(server.url);
  const scene = new Scene(await newPage(), proxy, server);
  try {
    await fc.assert(
      fc.asyncProperty(
        anyForm,
        fc.array(fc.oneof(anyAct, anyAct, anyTrouble), { maxLength: 16 }),
        async (spec, steps) => {
          const url = `${proxy.url}/${specs.push(spec) - 1}`;
          expect(await faultsOf(scene, url, spec, steps)).toEqual([]);
          expect(await scene.page.locator(':state(failed)').count()).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  } finally {
    await scene.server[Symbol.asyncDispose]();
  }
}, 150_000);
