// The browser's effects, each carried out by a component that runs in a page. Those that change the page's URL or ask
// servers are tested on whole pages, in test/e2e/.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { afterPaint, beforePaint, focus, fromEventTarget, scrollTo, title } from '../../shared/browser/page.ts';
import { storage } from '../../shared/browser/storage.ts';
import { effect } from '../../shared/index.ts';
import { rendered } from '../support/elements.ts';
import { type Probe, startProbe } from '../support/probe.ts';

let root: HTMLElement;
let probe: Probe;

beforeEach(() => {
  root = document.createElement('main');
  document.body.append(root);
  probe = startProbe(root);
});

afterEach(() => {
  probe.stop();
  root.remove();
  localStorage.clear();
  sessionStorage.clear();
});

describe('storage', () => {
  const read = (key: string, area: 'local' | 'session' = 'local') =>
    storage.read(key, {
      area,
      decode: toNumber,
      onSuccess: (value) => ({ type: 'StorageReturned', value }),
      onError: ({ kind }) => ({ type: 'StorageFailed', kind }),
    });

  test('gives back what was written', async () => {
    probe.run(effect.batch([storage.write('count', 3, { onSuccess: () => ({ type: 'Written' }) }), read('count')]));
    await expect.poll(() => probe.told).toEqual([{ type: 'Written' }, { type: 'StorageReturned', value: 3 }]);
    expect(localStorage.getItem('count')).toBe('3');
  });

  test('gives null for what was never written, or was removed', async () => {
    localStorage.setItem('count', '3');
    probe.run(effect.batch([read('other'), storage.remove('count'), read('count')]));
    await expect
      .poll(() => probe.told)
      .toEqual([
        { type: 'StorageReturned', value: null },
        { type: 'StorageReturned', value: null },
      ]);
  });

  test('can keep things for the tab alone', async () => {
    probe.run(effect.batch([storage.write('count', 4, { area: 'session' }), read('count', 'session'), read('count')]));
    await expect
      .poll(() => probe.told)
      .toEqual([
        { type: 'StorageReturned', value: 4 },
        { type: 'StorageReturned', value: null },
      ]);
  });

  test('tells when it holds what the app does not expect', async () => {
    localStorage.setItem('count', '"three"');
    localStorage.setItem('broken', '{');
    probe.run(effect.batch([read('count'), read('broken')]));
    await expect
      .poll(() => probe.told)
      .toEqual([
        { type: 'StorageFailed', kind: 'decode' },
        { type: 'StorageFailed', kind: 'decode' },
      ]);
  });

  test('tells when it is full', async () => {
    probe.run(
      storage.write('big', 'x'.repeat(20_000_000), { onError: ({ kind }) => ({ type: 'StorageFailed', kind }) }),
    );
    await expect.poll(() => probe.told).toEqual([{ type: 'StorageFailed', kind: 'full' }]);
  });

  test('fails in silence where nobody asks', async () => {
    probe.run(effect.batch([storage.write('big', 'x'.repeat(20_000_000)), read('big')]));
    await expect.poll(() => probe.told).toEqual([{ type: 'StorageReturned', value: null }]);
  });
});

test('the title of the page is set', async () => {
  probe.run(title('Three anime'));
  await expect.poll(() => document.title).toBe('Three anime');
});

describe('when the new model is shown', () => {
  const show = (text: string) => effect.from((dispatch) => dispatch({ type: text }));

  test('focus moves to what has just come', async () => {
    probe.run(effect.batch([show('First'), focus('li')]));
    await expect.poll(() => document.activeElement?.textContent).toBe('{"type":"First"}');
  });

  test('focus looks into the component first, then around it', async () => {
    const before = document.createElement('button');
    before.className = 'first';
    root.before(before);
    probe.run(focus('.first'));
    await expect.poll(() => document.activeElement).toBe(before);
    before.className = '';
    before.innerHTML = '<ul><li tabindex="-1">outside</li></ul>';
    probe.run(effect.batch([show('Inside'), focus('li')]));
    await expect.poll(() => document.activeElement?.textContent).toBe('{"type":"Inside"}');
    before.remove();
  });

  describe('whoever has gone somewhere else before that', () => {
    const field = (parent: Node = document.body): HTMLInputElement =>
      parent.appendChild(document.createElement('input'));
    /** A moment after effects have started, which is in a later step; frames are far apart on a slow device. */
    const aMomentLater = async (): Promise<void> => {
      for (const ms of [0, 1]) await new Promise((resolve) => setTimeout(resolve, ms));
    };
    let frames: FrameRequestCallback[];
    const showFrame = (): void => {
      for (const frame of frames.splice(0)) frame(0);
    };

    beforeEach(() => {
      frames = [];
      vi.stubGlobal('requestAnimationFrame', (frame: FrameRequestCallback) => frames.push(frame));
    });

    afterEach(() => {
      vi.unstubAllGlobals();
      for (const input of document.querySelectorAll('body > input')) input.remove();
    });

    test('stays there', async () => {
      const [before, chosen] = [field(), field()];
      before.focus();
      probe.run(focus('input'));
      await aMomentLater();
      chosen.focus();
      showFrame();
      expect(document.activeElement).toBe(chosen);
    });

    test('stays there, in the shadow root of the component', async () => {
      const host = document.body.appendChild(document.createElement('div'));
      const shadow = host.attachShadow({ mode: 'closed' });
      using inside = startProbe(shadow as never);
      const [before, chosen] = [field(shadow), field(shadow)];
      before.focus();
      inside.run(focus('input'));
      await aMomentLater();
      chosen.focus();
      showFrame();
      expect(shadow.activeElement).toBe(chosen);
      host.remove();
    });

    test.each(['around', 'beside'])('stays there, in a shadow root %s the component', async (where) => {
      const host = document.body.appendChild(document.createElement('div'));
      const shadow = host.attachShadow({ mode: 'open' });
      const [before, chosen] = [field(shadow), field(shadow)];
      if (where === 'around') shadow.append(root);
      const wanted = field();
      wanted.id = 'wanted';
      before.focus();
      probe.run(focus('#wanted'));
      await aMomentLater();
      chosen.focus();
      showFrame();
      expect(shadow.activeElement).toBe(chosen);
      host.remove();
    });

    test('stays there also where effects have moved it to that place before', async () => {
      const [first, second] = [field(), field()];
      first.id = 'first';
      second.id = 'second';
      probe.run(focus('#first'));
      showFrame();
      second.focus();
      probe.run(focus('#second'));
      await aMomentLater();
      first.focus();
      showFrame();
      expect(document.activeElement).toBe(first);
      first.blur();
      probe.run(focus('#second'));
      await aMomentLater();
      showFrame();
      expect(document.activeElement).toBe(second);
    });

    test('is nobody whom the browser has taken there with the event, nor whom another effect has moved', async () => {
      const [opened, wanted] = [field(), field()];
      opened.id = 'opened';
      wanted.id = 'wanted';
      probe.run(focus('#wanted'));
      opened.focus();
      await aMomentLater();
      showFrame();
      expect(document.activeElement).toBe(wanted);
      probe.run(effect.batch([focus('#opened'), focus('#wanted')]));
      await aMomentLater();
      showFrame();
      expect(document.activeElement).toBe(wanted);
    });
  });

  test('focus on what is not there does nothing', async () => {
    probe.run(effect.batch([focus('.missing'), beforePaint(show('Later'))]));
    await expect.poll(() => probe.told.length).toBe(1);
  });

  test('the page scrolls to an element, or to a place', async () => {
    root.style.paddingBlock = '3000px';
    probe.run(effect.batch([show('Far'), scrollTo('li')]));
    await expect.poll(() => scrollY).toBeGreaterThan(2000);
    probe.run(scrollTo({ top: 10 }));
    await expect.poll(() => scrollY).toBe(10);
  });

  test('work can be done before a person sees it, and after', async () => {
    const order: string[] = [];
    const note = (name: string) => effect.from(() => void order.push(`${name}: ${root.querySelectorAll('li').length}`));
    probe.run(effect.batch([afterPaint(note('after')), beforePaint(note('before')), show('Shown'), note('at once')]));
    await expect.poll(() => order).toEqual(['at once: 0', 'before: 1', 'after: 1']);
  });

  test('nothing is done any more for a component that has stopped', async () => {
    const order: string[] = [];
    probe.run(effect.batch([beforePaint(effect.from(() => void order.push('before'))), focus('main')]));
    probe.run(afterPaint(effect.from(() => void order.push('after'))));
    probe.stop();
    requestAnimationFrame(() => setTimeout(() => order.push('later')));
    await expect.poll(() => order).toEqual(['later']);
  });
});

describe('events from elsewhere', () => {
  test('become messages, until the component stops', async () => {
    probe.run(
      fromEventTarget(
        () => window,
        'resize',
        (event: Event) => ({ type: 'WindowChanged', name: event.type }),
      ),
    );
    await rendered();
    dispatchEvent(new Event('resize'));
    dispatchEvent(new Event('resize'));
    const heard = { type: 'WindowChanged', name: 'resize' };
    await expect.poll(() => probe.told).toEqual([heard, heard]);
    probe.stop();
    dispatchEvent(new Event('resize'));
    expect(probe.told).toEqual([heard, heard]);
  });

  test('may give no message', async () => {
    const target = new EventTarget();
    probe.run(
      fromEventTarget(target, 'key', (event: CustomEvent<string>) =>
        event.detail === 'Enter' ? { type: 'UserPressedEnter' } : null,
      ),
    );
    await rendered();
    for (const detail of ['a', 'Enter', 'b']) target.dispatchEvent(new CustomEvent('key', { detail }));
    await expect.poll(() => probe.told).toEqual([{ type: 'UserPressedEnter' }]);
  });
});

function toNumber(json: unknown): number {
  if (typeof json !== 'number') throw new TypeError('not a number');
  return json;
}
