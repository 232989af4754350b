// Fields show their values without scripts: what a browser reads in the server's HTML is what the property would make
// it.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compile } from '../../server/html-parser.ts';
import { html, keyed, type Template } from '../../shared/index.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent, renderDocument } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';

/** The first element of a view's HTML, as an island and as a document. */
function parsed(view: Template<unknown>): Element[] {
  const rendering = new Rendering(compile, new TemplateTable());
  rendering.render(view);
  return [renderContent(rendering.content), renderDocument(view, compile, undefined) as string].map((markup) => {
    const root = document.createElement('div');
    root.innerHTML = markup;
    return root.firstElementChild as Element;
  });
}

const text = fc.string({
  unit: fc.constantFrom(
    'a',
    'b',
    ' ',
    '\n',
    '\r',
    '&',
    '<',
    '>',
    '"',
    "'",
    '=',
    'é',
    '&amp;',
    ' value="a"',
    ' selected',
    '</option>',
  ),
  maxLength: 3,
});
const options = fc.array(
  fc.record({ value: fc.option(text), label: text, isIn: fc.boolean(), isSelected: fc.boolean() }),
  {
    maxLength: 6,
  },
);
type Options = typeof options extends fc.Arbitrary<infer Value> ? Value : never;

function viewOption({ value, label, isSelected }: Options[number], index: number): Template<unknown> {
  return index % 2
    ? html`<option title="a > b" value=${value} ?selected=${isSelected}>${label}</option>`
    : html`<option class=${label} value=${value}>${label}<!-- b --></option>`;
}

const view = (list: Options, value: unknown, isMultiple: boolean): Template<unknown> => html`
  <select ?multiple=${isMultiple} .value=${value as string} name="a">
    ${list.filter(({ isIn }) => !isIn).map(viewOption)}
    <optgroup label="a">
      ${keyed(
        [...list.entries()].filter(([, { isIn }]) => isIn),
        ([key]) => key,
        ([key, option]) => viewOption(option, key),
      )}
    </optgroup>
    <option>b</option>
  </select>
`;

const chosen = (select: Element): number[] =>
  [...(select as HTMLSelectElement).options].flatMap(({ selected, index }) => (selected ? [index] : []));

test('of a choice', () => {
  fc.assert(
    fc.property(options, fc.nat(), text, (list, at, other) => {
      const [first] = parsed(view(list, null, false));
      const values = [...(first as HTMLSelectElement).options].map(({ value }) => value);
      // what was offered, or perhaps something else
      const value = at % 4 === 0 ? other : (values[at % values.length] as string);
      for (const select of parsed(view(list, value, false)) as HTMLSelectElement[]) {
        const shown = chosen(select);
        select.value = value;
        if (select.selectedIndex >= 0) expect(shown).toEqual(chosen(select));
      }
    }),
    { numRuns: 500 },
  );
});

test('of a choice of several', () => {
  fc.assert(
    fc.property(options, fc.array(text, { maxLength: 3 }), (list, values) => {
      for (const select of parsed(view(list, values, true)) as HTMLSelectElement[]) {
        const all = [...select.options];
        const wanted = all.flatMap(({ value }, index) => (values.includes(value) ? [index] : []));
        if (wanted.length > 0 || values.length === 0) expect(chosen(select)).toEqual(wanted);
      }
    }),
    { numRuns: 300 },
  );
});

test('of a text field', () => {
  fc.assert(
    fc.property(text, (value) => {
      for (const field of parsed(html`<textarea .value=${value}></textarea>`) as HTMLTextAreaElement[]) {
        const shown = field.value;
        field.value = value;
        expect(shown).toBe(field.value);
      }
    }),
  );
});
