// Adopting what the server rendered, over a pool of views: no node is touched, and from there on the DOM is what a
// fresh mount gives. The same over random views is in laws.test.ts.

import { describe, expect, test } from 'vitest';
import { html, keyed } from '../../shared/index.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { BrowserIsland, describeNodes, nodesBelow } from '../support/browser-island.ts';
import { changes } from '../support/literals.ts';

describe.each(changes)('$name', ({ before, after }) => {
  test('is mounted as the server renders it', () => {
    const { root, rendering } = BrowserIsland.mount(before);
    const served = document.createElement('main');
    served.innerHTML = renderContent(rendering.content);
    expect(describeNodes(root)).toEqual(describeNodes(served));
  });

  test('is adopted without touching a node', () => {
    const observer = new MutationObserver(() => {});
    let nodes: Node[] = [];
    const { root, isIntact } = BrowserIsland.adopt([before], (served) => {
      nodes = nodesBelow(served);
      observer.observe(served, { attributes: true, childList: true, characterData: true, subtree: true });
    });
    expect(observer.takeRecords()).toEqual([]);
    expect(nodesBelow(root).every((node, index) => node === nodes[index])).toBe(true);
    expect(isIntact).toBe(true);
  });

  test('becomes, by its patch, what a fresh mount gives, mounted or adopted', () => {
    const fresh = describeNodes(BrowserIsland.mount(after).root);
    expect(describeNodes(BrowserIsland.mount(before).update(after).root)).toEqual(fresh);
    expect(describeNodes(BrowserIsland.adopt([before]).update(after).root)).toEqual(fresh);
  });

  test('becomes, with ids from earlier views, what a fresh mount gives', () => {
    const aged = BrowserIsland.adopt([after, before, after, before]);
    expect(describeNodes(aged.update(after).root)).toEqual(describeNodes(BrowserIsland.mount(after).root));
    expect([...aged.tree.instances.keys()].length).toBe([...BrowserIsland.mount(after).tree.instances.keys()].length);
  });
});

test('events of an adopted island name its instances as the server does, whatever ids they have', () => {
  const view = (keys: readonly number[]) => html`
    <ul>${keyed(
      keys,
      (key) => key,
      (key) => html`<li><button @click=${{ type: 'UserClicked', key }}>${key}</button></li>`,
    )}</ul>
  `;
  const island = BrowserIsland.adopt([view([1, 2, 3]), view([3, 4, 1])]);
  for (const button of island.root.querySelectorAll('button')) button.click();
  const keys = island.heard.map(([, instance, hole]) => island.rendering.findListener(instance, hole)?.listener);
  expect(keys).toEqual([3, 4, 1].map((key) => ({ type: 'UserClicked', key })));
});

describe('a page to which others have done something before it is adopted', () => {
  const view = (text: string) =>
    html`<p>${text}</p><ul>${['a', 'b'].map((row) => html`<li>${row}</li>`)}</ul><input>tail`;
  const added = (name = 'div'): HTMLElement =>
    Object.assign(document.createElement(name), { className: 'extension', textContent: 'added' });

  /** What is shown, without what others have added. */
  const shown = (root: HTMLElement): unknown[] => {
    const copy = root.cloneNode(true) as HTMLElement;
    for (const other of copy.querySelectorAll('.extension')) other.remove();
    for (const node of copy.childNodes) if (node instanceof Comment && node.data) node.remove();
    copy.querySelector('p')?.removeAttribute('data-extension');
    return describeNodes(copy);
  };

  test.each<[string, (root: HTMLElement) => void]>([
    ['an element more', (root) => root.prepend(added())],
    ['an element more among others', (root) => root.querySelector('ul')?.before(added('x-badge'))],
    ['a node more at the end', (root) => root.append(added())],
    ['an element more in a list', (root) => root.querySelector('ul')?.prepend(added())],
    ['a comment more', (root) => root.prepend(new Comment('extension'))],
    ['an attribute more', (root) => root.querySelector('p')?.setAttribute('data-extension', '')],
    ['a translation', (root) => root.querySelector('p')?.firstChild?.replaceWith(added('font'))],
  ])('is adopted around %s, which stays', (_, change) => {
    const nodes: Node[] = [];
    let other: Node[] = [];
    const island = BrowserIsland.adopt([view('x')], (root) => {
      nodes.push(...root.querySelectorAll('p,ul,li,input'));
      change(root);
      other = nodesBelow(root);
    });
    expect(island.misfits).toEqual([]);
    expect(nodesBelow(island.root)).toEqual(other);
    island.update(view('y'));
    expect(nodes.every((node) => island.root.contains(node))).toBe(true);
    expect(island.root.querySelector('p')?.textContent).toBe('y');
    expect(shown(island.root)).toEqual(describeNodes(BrowserIsland.mount(view('y')).root));
  });

  test.each<[string, (root: HTMLElement) => void]>([
    ['a row more', (root) => root.querySelector('ul')?.append(document.createElement('li'))],
    ['a row less', (root) => root.querySelector('li')?.remove()],
    ['a row that is something else', (root) => root.querySelector('li')?.replaceWith(added())],
    ['a text more', (root) => root.querySelector('p')?.prepend('text')],
  ])('is drawn anew where nobody can tell what is whose, and only there: %s', (_, spoil) => {
    const island = BrowserIsland.adopt([view('x')], (root) => {
      Object.assign(root.querySelector('input') as HTMLInputElement, { value: 'typed' });
      spoil(root);
    });
    const input = island.root.querySelector('input');
    expect(island.misfits).toEqual([1]);
    island.recover();
    expect(describeNodes(island.root)).toEqual(describeNodes(BrowserIsland.mount(view('x')).root));
    expect(island.root.querySelector('input')).toBe(input);
    expect(input?.value).toBe('typed');
    island.update(view('y'));
    expect(describeNodes(island.root)).toEqual(describeNodes(BrowserIsland.mount(view('y')).root));
  });

  test.each<[string, (root: HTMLElement) => void]>([
    ['another element', (root) => root.querySelector('p')?.replaceWith(added())],
    ['nothing', (root) => root.replaceChildren()],
  ])('is no page of this island when it has %s', (_, spoil) => {
    expect(BrowserIsland.adopt([view('x')], spoil).misfits).toContain(0);
  });

  test('keeps what was drawn where the view has nothing', () => {
    const holding = (text: string) => html`<p><b></b>${text}</p>`;
    const island = BrowserIsland.adopt([holding('a')], (root) =>
      root.querySelector('b')?.append('drawn', document.createElement('i')),
    );
    island.update(holding('b'));
    expect(island.root.textContent).toBe('drawnb');
  });
});
