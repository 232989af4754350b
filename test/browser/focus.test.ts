// A row that moves takes its focus, selection and scroll along: by `moveBefore` where the browser has it, and without.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { html, keyed } from '../../shared/index.ts';
import { BrowserIsland } from '../support/browser-island.ts';

const view = (rows: readonly number[]) => html`
  <ul>${keyed(
    rows,
    (row) => row,
    (row) =>
      html`<li id=${`row-${row}`}>text <input value="some text"><textarea rows="2">${'line\n'.repeat(50)}</textarea><button>${row}</button></li>`,
  )}</ul>
`;

const { moveBefore } = Element.prototype;
const prototypes = [Element.prototype, DocumentFragment.prototype, Document.prototype];

describe.each([true, false])('where moveBefore is there: %s', (isThere) => {
  let island: BrowserIsland;
  let host: HTMLElement;

  beforeEach(() => {
    if (!isThere) for (const prototype of prototypes) Reflect.deleteProperty(prototype, 'moveBefore');
    island = BrowserIsland.mount(view([1, 2, 3, 4]));
    host = document.createElement('div');
    document.body.append(host);
    expect('moveBefore' in island.root).toBe(isThere);
  });

  afterEach(() => {
    host.remove();
    for (const prototype of prototypes) Object.assign(prototype, { moveBefore });
  });

  describe.each(['the page', 'a shadow root'])('in %s', (place) => {
    beforeEach(() => {
      if (place === 'the page') host.append(island.root);
      else host.attachShadow({ mode: 'open' }).append(island.root);
    });

    const find = <Found extends HTMLElement>(row: number, name: string): Found =>
      island.root.querySelector(`#row-${row} ${name}`) as Found;
    const focused = (): Element | null => (island.root.getRootNode() as Document | ShadowRoot).activeElement;

    test.each([
      ['to the end', [2, 3, 4, 1]],
      ['to the start', [4, 1, 2, 3]],
      ['all around it', [4, 3, 2, 1]],
    ])('a field keeps focus and selection when rows move %s', (_, order) => {
      for (const row of [1, 4]) {
        const input = find<HTMLInputElement>(row, 'input');
        input.focus();
        input.setSelectionRange(2, 5, 'backward');
        island.update(view(order));
        expect(focused()).toBe(input);
        expect([input.selectionStart, input.selectionEnd, input.selectionDirection]).toEqual([2, 5, 'backward']);
        island.update(view([1, 2, 3, 4]));
        expect(focused()).toBe(input);
      }
    });

    test('a text area keeps its scroll, too', () => {
      const area = find<HTMLTextAreaElement>(1, 'textarea');
      area.focus();
      area.setSelectionRange(20, 30);
      area.scrollTop = 77;
      island.update(view([2, 3, 4, 1]));
      expect(focused()).toBe(area);
      expect([area.scrollTop, area.selectionStart, area.selectionEnd]).toEqual([77, 20, 30]);
    });

    test('a button keeps focus, and what has none gets none', () => {
      find(1, 'button').focus();
      island.update(view([2, 3, 4, 1]));
      expect(focused()).toBe(find(1, 'button'));
      find(1, 'button').blur();
      island.update(view([1, 2, 3, 4]));
      expect(focused()?.localName ?? 'body').toBe('body');
    });

    test('rows that come and go around a field leave it alone', () => {
      const input = find<HTMLInputElement>(2, 'input');
      const events: string[] = [];
      for (const type of ['blur', 'focus']) input.addEventListener(type, () => events.push(type));
      input.focus();
      input.setSelectionRange(3, 3);
      island.update(view([7, 2, 8, 9]));
      expect(focused()).toBe(input);
      expect(input.selectionStart).toBe(3);
      expect(events).toEqual(['focus']);
    });
  });
});
