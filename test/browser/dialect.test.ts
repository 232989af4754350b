// Our templates are written in uhtml's dialect. uhtml.test.ts holds that both draw the same; here is where they differ
// on purpose, and that a pool of views, one for each oddity of parsers and DOMs, does not.

import { render, html as uhtml } from 'uhtml';
import { describe, expect, test } from 'vitest';
import { html, type Template } from '../../shared/index.ts';
import { BrowserIsland } from '../support/browser-island.ts';
import { describeDom, inUhtml } from '../support/in-uhtml.ts';
import { type Change, changes } from '../support/literals.ts';

/** uhtml cannot say it, or not in these words: raw markup, holes that are not alone in a text or an attribute. */
const isUnknown = ({ name }: Change): boolean =>
  /^raw|^(text in <textarea>|text in <style>|data in <script>|attributes|attributes of an object|classes|styles|MathML|a URL that would run)$/.test(
    name,
  );

function draw(...views: readonly unknown[]): string {
  const root = document.createElement('main');
  for (const view of views) render(root, inUhtml(view as Template) as never);
  return describeDom(root);
}

describe.each(changes.filter((change) => !isUnknown(change)))('$name', ({ before, after }) => {
  test('is drawn as uhtml draws it, before and after', () => {
    const island = BrowserIsland.mount(before);
    expect(describeDom(island.root)).toBe(draw(before));
    expect(describeDom(island.update(after).root)).toBe(draw(after));
  });
});

describe('unlike in uhtml', () => {
  const both = (ours: Template, theirs: unknown): [ours: HTMLElement, theirs: HTMLElement] => {
    const root = document.createElement('main');
    render(root, theirs as never);
    return [BrowserIsland.mount(ours).root, root];
  };

  test('booleans show nothing, so that `${condition && template}` may stand in a view', () => {
    const [ours, theirs] = both(html`<p>${false}${true}</p>`, uhtml`<p>${false}${true}</p>`);
    expect([ours.textContent, theirs.textContent]).toEqual(['', 'falsetrue']);
  });

  test('an attribute is an attribute, also where there is a property of its name, but for state of controls', () => {
    const [ours, theirs] = both(
      html`<p title=${'x'} className=${'x'}></p>`,
      uhtml`<p title=${'x'} className=${'x'}></p>`,
    );
    const read = (root: Element): unknown[] => {
      const { className, title } = root.querySelector('p') as HTMLElement;
      return [className, title];
    };
    expect(read(ours)).toEqual(['', 'x']);
    expect(read(theirs)).toEqual(['x', 'x']);
    const [option] = both(html`<select><option ?selected=${true}></option></select>`, uhtml``);
    expect(option.innerHTML).toBe('<select><option></option></select>');
    expect(option.querySelector('option')?.selected).toBe(true);
  });

  test('no property is set to the text "null"', () => {
    const [ours, theirs] = both(html`<p .className=${null}></p>`, uhtml`<p .className=${null}></p>`);
    expect([ours.innerHTML, theirs.innerHTML]).toEqual(['<p></p>', '<p class="null"></p>']);
  });

  test('a URL that would run is left out', () => {
    const url = 'javascript:alert(1)';
    const [ours, theirs] = both(html`<a href=${url}></a>`, uhtml`<a href=${url}></a>`);
    expect([ours.innerHTML, theirs.innerHTML]).toEqual(['<a></a>', `<a href="${url}"></a>`]);
  });

  test('data in a script is JSON', () => {
    const data = { a: 1 };
    const [ours, theirs] = both(
      html`<script type="application/json">${data}</script>`,
      uhtml`<script type="application/json">${data}</script>`,
    );
    expect([ours.textContent, theirs.textContent]).toEqual(['{"a":1}', '[object Object]']);
  });

  test('attributes and texts may be partly dynamic', () => {
    expect(BrowserIsland.mount(html`<p class="a ${'b'}"></p>`).root.innerHTML).toBe('<p class="a b"></p>');
    expect(() => both(html``, uhtml`<p class="a ${'b'}"></p>`)).toThrow();
    expect(BrowserIsland.mount(html`<textarea>a ${'b'}</textarea>`).root.textContent).toBe('a b');
    expect(() => both(html``, uhtml`<textarea>a ${'b'}</textarea>`)).toThrow();
  });
});
