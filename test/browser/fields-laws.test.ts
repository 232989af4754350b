// Laws of fields, for any form and whatever is done with it: once all is settled a control shows the model, unless what
// its person did waits for its form to be sent; and each deed is told, once.

import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { type App, start } from '../../client-runtime/app/start.ts';
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
import { timesOf } from './times.ts';

let root: HTMLElement | undefined;
let app: App<never> | undefined;

afterEach(end);

function end(): void {
  app?.stop();
  root?.remove();
}

const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
const model = (): Shown => JSON.parse(root?.querySelector('output')?.textContent ?? '');

async function faultsOf(spec: FormSpec, acts: readonly Act[]): Promise<string[]> {
  end();
  root = document.createElement('main');
  document.body.append(root);
  app = start(form, root, spec) as unknown as App<never>;
  const deeds = new Deeds(spec);
  for (const act of acts) {
    if (act.kind === 'wait') await turn();
    else if (act.kind !== 'submit' || spec.sent) deeds.note(act, perform(act));
    // a browser resets a form, and a person does the next thing, in tasks of their own
    if (act.kind === 'reset') await turn();
  }
  // what has the focus tells when it is left; what nobody tells is put right by the next event
  await turn();
  perform({ kind: 'blur' });
  await turn();
  perform({ kind: 'rest' });
  const pokes = acts.filter(({ kind }) => kind === 'poke').length + 1;
  // however busy the machine is
  await vi.waitFor(() => expect(model().pokes).toBe(pokes), { timeout: 30_000, interval: 5 });
  for (let count = 0; count < 3; count++) await turn();
  return deeds.findFaults(model(), readControls(root));
}

test('what is settled shows the model, and what was done is told once', async () => {
  await fc.assert(
    fc.asyncProperty(anyForm, fc.array(anyAct, { maxLength: 14 }), async (spec, acts) => {
      expect(await faultsOf(spec, acts)).toEqual([]);
    }),
    { numRuns: timesOf(150) },
  );
});
