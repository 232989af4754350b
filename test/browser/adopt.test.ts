// Adopting what the server rendered, over a pool of views: no node is touched, and from there on the DOM is what a fresh
// mount gives. The same over random views is in laws.test.ts.

import { describe, expect, test } from 'vitest';
import { html, keyed, unsafeHtml } from '../../shared/index.ts';
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
    const { root } = BrowserIsland.adopt([before], (served) => {
      nodes = nodesBelow(served);
      observer.observe(served, { attributes: true, childList: true, characterData: true, subtree: true });
    });
    expect(observer.takeRecords()).toEqual([]);
    expect(nodesBelow(root).every((node, index) => node === nodes[index])).toBe(true);
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

describe('a page that is not what the server rendered', () => {
  const view = html`<p>a</p><ul>${['a', 'b'].map((text) => html`<li>${text}</li>`)}</ul>tail`;

  test.each<[string, (root: HTMLElement) => void]>([
    ['has an element more', (root) => root.prepend(document.createElement('div'))],
    ['has a text more', (root) => root.prepend('text')],
    ['has a node more at the end', (root) => root.append(document.createElement('div'))],
    ['has a row more', (root) => root.querySelector('ul')?.append(document.createElement('li'))],
    ['has a row less', (root) => root.querySelector('li')?.remove()],
    ['lacks a text', (root) => root.querySelector('li')?.replaceChildren()],
    ['has another element', (root) => root.querySelector('p')?.replaceWith(document.createElement('div'))],
    ['is empty', (root) => root.replaceChildren()],
  ])('is refused when it %s', (_, spoil) => {
    expect(() => BrowserIsland.adopt([view], spoil)).toThrow('mismatch');
  });

  test.each<[string, (root: HTMLElement) => void]>([
    ['an attribute was added', (root) => root.querySelector('p')?.setAttribute('data-extension', '')],
    [
      'something was drawn where the view has nothing',
      (root) => root.querySelector('b')?.append('drawn', document.createElement('i')),
    ],
  ])('is adopted when %s', (_, change) => {
    const island = BrowserIsland.adopt([html`<p><b></b>${'a'}</p>`], change);
    expect(island.update(html`<p><b></b>${'b'}</p>`)).toBe(island);
  });

  test('is refused when raw markup does not stay where it was put', () => {
    expect(() => BrowserIsland.adopt([html`<div>${unsafeHtml('</div><i></i>')}</div><p>${1}</p>`])).toThrow('mismatch');
  });
});
