// What patches do to a DOM besides its looks: which nodes they touch, what events hear, how properties are set, and
// that nothing is remembered of what is gone.

import { describe, expect, test, vi } from 'vitest';
import { html, keyed, on, unsafeHtml } from '../../shared/index.ts';
import type { HoleValue } from '../../shared/language/html.ts';
import { BrowserIsland, describeNodes, nodesBelow } from '../support/browser-island.ts';

const clicked = { type: 'UserClicked' };

/** The records of what `act` changes below a node. */
function recordsOf(root: Node, act: () => void): MutationRecord[] {
  const observer = new MutationObserver(() => {});
  observer.observe(root, { attributes: true, childList: true, characterData: true, subtree: true });
  act();
  return observer.takeRecords();
}

describe('a patch', () => {
  test('of one text writes one text node', () => {
    const view = (text: string) =>
      html`<ul>${['a', 'b', text].map((each) => html`<li>${each} <b>${each}</b></li>`)}</ul>`;
    const island = BrowserIsland.mount(view('c'));
    const records = recordsOf(island.root, () => island.update(view('d')));
    expect(records.map(({ type, target }) => [type, target.nodeValue])).toEqual([
      ['characterData', 'd'],
      ['characterData', 'd'],
    ]);
  });

  test('of one attribute writes that attribute', () => {
    const view = (name: string) => html`<p class="a ${name}" title=${name}><b class=${'same'}></b></p>`;
    const island = BrowserIsland.mount(view('x'));
    const records = recordsOf(island.root, () => island.update(view('y')));
    expect(records.map(({ attributeName }) => attributeName)).toEqual(['class', 'title']);
  });

  test('keeps what others have put into its elements', () => {
    const view = (text: string) => html`<p>${text}</p><div></div>`;
    const island = BrowserIsland.mount(view('a'));
    island.root.querySelector('div')?.append('drawn by somebody else');
    island.root.querySelector('p')?.setAttribute('data-extension', '1');
    island.update(view('b'));
    expect(island.root.textContent).toBe('bdrawn by somebody else');
    expect(island.root.querySelector('p')?.dataset.extension).toBe('1');
  });

  test('leaves alone what other code draws in an element that is marked as its own, and sets its attributes', () => {
    const view = (zoom: number) =>
      html`<p>${zoom}</p><div data-islet-own title=${zoom}><i>static</i></div><div>${zoom}</div>`;
    for (const island of [
      BrowserIsland.mount(view(1)),
      BrowserIsland.adopt([view(1)], (root) => root.querySelector('[data-islet-own]')?.replaceChildren('map')),
    ]) {
      const own = island.root.querySelector('[data-islet-own]') as HTMLElement;
      own.replaceChildren('map', document.createElement('canvas'));
      island.update(view(2)).recover();
      expect(island.root.contains(own)).toBe(true);
      expect(own.outerHTML).toBe('<div data-islet-own="" title="2">map<canvas></canvas></div>');
      expect(island.root.lastElementChild?.textContent).toBe('2');
      expect(island.tree.foreign.isSeen).toBe(false);
    }
  });

  test('finds a row that somebody has taken out, and puts it back', () => {
    const view = (rows: readonly number[]) =>
      html`<ul>${keyed(
        rows,
        (row) => row,
        (row) => html`<li>${row}</li>`,
      )}</ul>`;
    const island = BrowserIsland.mount(view([1, 2]));
    island.root.querySelector('li')?.remove();
    island.update(view([0, 1, 2]));
    expect(island.misfits).toEqual([]);
    expect(island.root.textContent).toBe('012');
    island.update(view([2, 3]));
    expect(island.root.textContent).toBe('23');
  });
});

describe('a mount over what is shown', () => {
  const view = (rows: readonly string[], extra: string | null = null) => html`
    <h1 title=${rows.join(' ')} class=${null}>${rows.length}</h1>
    <iframe src=${'about:blank'}></iframe>
    <textarea>${'some text'}</textarea>
    ${extra}
    ${rows.length > 1 ? html`<p ?hidden=${false}>${'many'}</p>` : null}
    <ul>
      ${rows.map((row) => html`<li @click=${clicked}>${row} <input></li>`)}
    </ul>
  `;

  function mountOver(island: BrowserIsland, next: BrowserIsland): void {
    const { rendering } = next;
    island.tree.define(0, ...JSON.parse(JSON.stringify(rendering.table.encode())));
    island.tree.repair?.mount(rendering.toMount() as never, [1, rendering.nextId - 1], rendering.nextId, 'looks');
  }

  test('changes no node where it shows the same, though its ids are others', () => {
    const island = BrowserIsland.mount(view(['x', 'y']), view(['c', 'd', 'a']), view(['a', 'b']));
    document.body.append(island.root);
    const records = recordsOf(island.root, () => mountOver(island, BrowserIsland.mount(view(['a', 'b']))));
    expect(records).toEqual([]);
    island.root.querySelector('li')?.click();
    expect(island.heard.at(-1)?.[1]).toBe(3);
    island.root.remove();
  });

  test('keeps rows that have the same texts, and makes those anew that cannot be told apart', () => {
    const island = BrowserIsland.mount(view(['a', 'twin', 'twin', 'b', '']));
    const before = [...island.root.querySelectorAll('li')];
    mountOver(island, BrowserIsland.mount(view(['twin', 'new', '', 'b', 'a', 'a'])));
    const rows = [...island.root.querySelectorAll('li')];
    expect(rows.map((row) => row.textContent?.trim())).toEqual(['twin', 'new', '', 'b', 'a', 'a']);
    expect(rows.map((row) => before.indexOf(row))).toEqual([-1, -1, -1, 3, -1, -1]);
  });

  test('shows what is new and forgets what is gone', () => {
    const island = BrowserIsland.mount(view(['a', 'b'], 'extra'));
    const next = BrowserIsland.mount(view(['b']));
    mountOver(island, next);
    expect(describeNodes(island.root)).toEqual(describeNodes(next.root));
    expect([...island.tree.instances.keys()]).toEqual([...next.tree.instances.keys()]);
  });
});

test('instances that are gone are forgotten, whatever they were in', () => {
  const view = (isFull: boolean) => html`
    <main>${isFull ? html`<ul>${[1, 2].map((row) => html`<li>${html`<b>${row}</b>`}</li>`)}</ul>` : null}</main>
    ${keyed(
      isFull ? [1, 2, 3] : [2],
      (row) => row,
      (row) => html`<p>${html`<i>${row}</i>`}${unsafeHtml('<u></u>')}</p>`,
    )}
  `;
  const island = BrowserIsland.mount(view(false));
  const ids = [...island.tree.instances.keys()];
  for (let round = 0; round < 3; round++) {
    island.update(view(true));
    expect(island.tree.instances.size).toBe(ids.length + 9);
    island.update(view(false));
    expect([...island.tree.instances.keys()]).toEqual(ids);
  }
  const { rendering, tree } = island;
  tree.mount(rendering.toMount() as never, rendering.toIds(), rendering.nextId);
  expect([...tree.instances.keys()]).toEqual(ids);
});

describe('an event', () => {
  test('is heard by the handler that is there now, and by none where there is none', () => {
    const view = (listener: unknown) => html`<button @click=${listener as typeof clicked}></button>`;
    const island = BrowserIsland.mount(view(clicked));
    const press = (): number => {
      island.heard.length = 0;
      island.root.querySelector('button')?.click();
      return island.heard.length;
    };
    expect(press()).toBe(1);
    expect(recordsOf(island.root, () => island.update(view({ type: 'UserPressed' })))).toEqual([]);
    expect(press()).toBe(1);
    island.update(view(on(clicked, { debounceMs: 5 })));
    expect(press()).toBe(1);
    island.update(view(null));
    expect(press()).toBe(0);
    island.update(view(() => clicked));
    expect(press()).toBe(1);
  });

  test('may have any name', () => {
    const island = BrowserIsland.mount(html`<p @Some:Odd-name=${clicked}></p>`);
    island.root.querySelector('p')?.dispatchEvent(new Event('Some:Odd-name'));
    expect(island.heard).toEqual([['Some:Odd-name', 1, 0]]);
  });
});

describe('a property', () => {
  test('is set as it is, false and nothing included', () => {
    const view = (value: HoleValue) =>
      html`<input .spellcheck=${value} .data=${value} .className=${value} .value=${value}>`;
    const island = BrowserIsland.mount(view(false));
    const input = island.root.querySelector('input') as HTMLInputElement & { data: unknown };
    expect([input.spellcheck, input.data, input.className, input.value]).toEqual([false, false, 'false', 'false']);
    island.update(view({ a: [1] }));
    expect(input.data).toEqual({ a: [1] });
    island.update(view(undefined));
    expect([input.data, input.className, input.value]).toEqual([null, '', '']);
  });

  test('that was never given is left as the element has it', () => {
    const view = html`<x-never .data=${undefined} .id=${null}></x-never>`;
    for (const island of [BrowserIsland.mount(view), BrowserIsland.adopt([view])]) {
      expect(island.root.querySelector('x-never')).not.toHaveProperty('data');
    }
  });

  test('is not set again when it is equal: that would move a caret', () => {
    const view = (text: string, other: number) => html`<input .value=${text} title=${other}>`;
    const island = BrowserIsland.mount(view('held', 1));
    document.body.append(island.root);
    const input = island.root.querySelector('input') as HTMLInputElement;
    input.value = 'hello';
    input.setSelectionRange(1, 2);
    island.update(view('hello', 2));
    expect([input.selectionStart, input.selectionEnd]).toEqual([1, 2]);
    island.root.remove();
  });

  test('whose setter throws hurts nothing else', () => {
    const errors: unknown[] = [];
    const report = vi.spyOn(globalThis, 'reportError').mockImplementation((error) => errors.push(error));
    const view = (value: HoleValue, text: string) =>
      html`<input .form=${value} .valueAsNumber=${value} type="text"><p>${text}</p>`;
    const island = BrowserIsland.mount(view(1, 'a'));
    island.update(view(2, 'b'));
    expect(island.root.textContent).toBe('b');
    expect(errors).toHaveLength(4);
    report.mockRestore();
  });

  test('of a select is set when its options are there, at first and in a patch that brings both', async () => {
    const view = (texts: readonly string[], value: string) => html`
      <select .value=${value}>${texts.map((text) => html`<option>${text}</option>`)}</select>
    `;
    const island = BrowserIsland.mount(view(['a', 'b'], 'b'));
    const select = island.root.querySelector('select') as HTMLSelectElement;
    await Promise.resolve();
    expect(select.value).toBe('b');
    island.update(view(['c', 'd', 'e'], 'd'));
    await Promise.resolve();
    expect(select.value).toBe('d');
    const adopted = BrowserIsland.adopt([view(['a', 'b'], 'b')]);
    expect(adopted.root.querySelector('select')?.value).toBe('b');
  });

  test('is kept from a field that is busy', () => {
    const view = (text: string) => html`<input .value=${text}>`;
    const island = BrowserIsland.mount(view('a'));
    const input = island.root.querySelector('input') as HTMLInputElement;
    island.busy.add(input);
    island.update(view('b'));
    expect(input.value).toBe('a');
  });
});

test('elements of components are there when their attributes and properties are set', () => {
  const seen: unknown[] = [];
  class SeeingElement extends HTMLElement {
    set data(data: unknown) {
      seen.push(['data', data, this.isConnected]);
    }
    connectedCallback(): void {
      seen.push(['connected', this.title, this.textContent]);
    }
  }
  customElements.define('seeing-element', SeeingElement);
  const island = BrowserIsland.mount(html`<p></p>`);
  document.body.append(island.root);
  island.update(html`<seeing-element title=${'t'} .data=${1}>${'text'}</seeing-element>`);
  expect(seen).toEqual([
    ['data', 1, false],
    ['connected', 't', 'text'],
  ]);
  island.root.remove();
});

test('scripts in raw markup do not run', () => {
  const view = (markup: string) => html`<div>${unsafeHtml(markup)}</div>`;
  const markup = '<script>window.hasRun = true</script><img src="x:" onload="window.hasRun = true">';
  const island = BrowserIsland.mount(view(''));
  document.body.append(island.root);
  island.update(view(markup));
  expect(island.root.querySelector('script')).not.toBeNull();
  expect(window).not.toHaveProperty('hasRun');
  island.root.remove();
});

test('a list is edited in place: rows that stay are the same nodes', () => {
  const view = (rows: readonly string[]) => html`
    <ul>${keyed(
      rows,
      (row) => row,
      (row) => html`<li>${row}</li>`,
    )}</ul>
  `;
  const island = BrowserIsland.mount(view(['a', 'b', 'c', 'd', 'e']));
  const before = new Map(nodesBelow(island.root).map((node) => [node.textContent, node]));
  island.update(view(['e', 'x', 'c', 'b', 'y', 'a']));
  for (const node of nodesBelow(island.root)) {
    if (/^[abce]$/.test(node.textContent ?? '') && node instanceof Text)
      expect(node).toBe(before.get(node.textContent));
  }
  expect(island.root.textContent?.trim()).toBe('excbya');
});
