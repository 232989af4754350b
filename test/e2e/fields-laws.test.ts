// The laws of fields over real sockets: whatever form, whatever is done with it, however late the server is and however
// often the connection is cut meanwhile.

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
  perform,
  readControls,
  type Shown,
} from '../support/arbitrary-forms.ts';
import { documentWith } from '../support/document.ts';
import { openPages } from '../support/pages.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import { startServer } from '../support/server.ts';

const newPage = openPages();

type Trouble = { readonly kind: 'cut' } | { readonly kind: 'delay'; readonly ms: number } | { readonly kind: 'pause' };

const anyTrouble: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut') }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('delay'), ms: fc.constantFrom(0, 20, 60) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pause') }) },
);

async function faultsOf(page: Page, proxy: TestProxy, url: string, spec: FormSpec, steps: readonly (Act | Trouble)[]) {
  proxy.delayMs = 0;
  await page.goto(url);
  await page.locator(':state(live)').waitFor();
  const deeds = new Deeds(spec);
  for (const step of steps) {
    if (step.kind === 'delay') proxy.delayMs = step.ms;
    else if (step.kind === 'cut') proxy.cut();
    else if (step.kind === 'pause' || step.kind === 'wait') await page.waitForTimeout(30);
    else if (step.kind !== 'submit' || spec.sent) deeds.note(step, await page.evaluate(perform, step));
  }
  await page.evaluate(perform, { kind: 'blur' } as Act);
  const before = (await shown(page)).pokes;
  await page.evaluate(perform, { kind: 'rest' } as Act);
  const pokes = steps.filter(({ kind }) => kind === 'poke').length + 1;
  await expect.poll(async () => (await shown(page)).pokes, { timeout: 10_000, message: `after ${before}` }).toBe(pokes);
  await page.waitForTimeout(20);
  return deeds.findFaults(await shown(page), await page.locator('server-component').evaluate(readControls as never));
}

async function shown(page: Page): Promise<Shown> {
  return JSON.parse((await page.locator('output').textContent()) ?? '');
}

test('what is settled shows the model, and what was done is told once, over any connection', async () => {
  const specs: FormSpec[] = [];
  await using server = await startServer((app) => {
    app.islet.route('/ws/form/:index', form, { props: ({ params: { index } }) => specs[Number(index)] as FormSpec });
    app.get<{ Params: { index: string } }>('/:index', (request, reply) =>
      reply.html(documentWith(serverComponent({ route: `/ws/form/${request.params.index}` }))),
    );
  });
  await using proxy = await startProxy(server.url);
  const page = await newPage();
  await fc.assert(
    fc.asyncProperty(
      anyForm,
      fc.array(fc.oneof(anyAct, anyAct, anyTrouble), { maxLength: 16 }),
      async (spec, steps) => {
        const url = `${proxy.url}/${specs.push(spec) - 1}`;
        expect(await faultsOf(page, proxy, url, spec, steps)).toEqual([]);
        expect(await page.locator(':state(failed)').count()).toBe(0);
      },
    ),
    { numRuns: 40 },
  );
}, 150_000);
