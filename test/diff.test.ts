// Patches as values: what is sent when something changes, and that nothing is when nothing does.

import { describe, expect, test } from 'vitest';
import { html, keyed, mapMessages, memo, on, type Template, unsafeHtml } from '../shared/index.ts';
import { encodeShape } from '../shared/tree/encode.ts';
import { longestIncreasing } from '../shared/tree/list-sections.ts';
import type { Patch } from '../shared/wire/patch.ts';
import { TestIsland } from './support/render.ts';

/** The patch from one view to the next. */
function diff(before: unknown, after: unknown): Patch {
  return new TestIsland(before).render(after);
}

interface Row {
  readonly id: number | string;
  readonly label?: string;
}

describe('an empty patch', () => {
  test('is the first rendering, which is mounted and not patched', () => {
    expect(new TestIsland(null).rendering.render(html`<p></p>`)).not.toEqual([]);
    const { rendering } = new TestIsland(html`<p>${1}</p>`);
    expect(rendering.toMount()).toEqual([0, 1]);
    expect(rendering.toIds()).toEqual([1, 1]);
  });

  test('is what comes of rendering the same again', () => {
    const data = { any: 'property' };
    const view = (): Template<unknown> => html`
      <p class=${'a'} title="a ${1} b ${'c'}" ?hidden=${true} .data=${data} @click=${{ type: 'UserClicked' }}>
        ${'text'} ${1} ${null} ${html`<b>${2}</b>`} ${[1, html`<i></i>`]} ${unsafeHtml('<u></u>')}
        ${keyed([{ id: 1 }], 'id', (row) => html`<s>${row.id}</s>`)} ${memo({}, () => 'memo')} ${new Date(0)}
      </p>
      <title>${'a'} ${1}</title><style>${'a'}</style><script type="application/json">${{ a: [1] }}</script>
      <button @click=${() => ({ type: 'UserClicked' })} @keyup=${on({ type: 'UserTyped' }, { debounceMs: 5, include: ['a.b'] })}></button>
    `;
    expect(diff(view(), view())).toEqual([]);
  });

  test('is not what comes of 0 after -0, nor of a text after what was shown of another value', () => {
    const zero = (value: number): Template<unknown> => html`<p .value=${value}></p>`;
    expect(diff(zero(-0), zero(0))).toEqual([[1, 0, 0]]);
    const data = (value: unknown): Template<unknown> =>
      html`<script type="application/json">${value as string}</script>`;
    expect(diff(data(1), data('1'))).toEqual([[1, 0, '"1"']]);
    const title = (value: string): Template<unknown> => html`<p title="a ${value}"></p>`;
    expect(diff(title('b'), title('a b'))).toEqual([[1, 0, 'a a b']]);
  });

  test('is what comes of one kind of nothing after the other', () => {
    const view = (value: unknown): Template<unknown> => html`<p>${value as string} ${value as string}</p>`;
    const nothings = [
      null,
      undefined,
      '',
      true,
      false,
      [],
      keyed(
        [],
        () => 0,
        () => '',
      ),
      memo({}, () => null),
    ];
    const island = new TestIsland(view(null));
    for (const value of nothings) expect(island.render(view(value))).toEqual([]);
    for (const value of nothings.toReversed()) expect(island.render(view(value))).toEqual([]);
  });
});

describe('a change of one hole', () => {
  test.each<[string, (value: never) => Template<unknown>, unknown, unknown, unknown]>([
    ['text', (value) => html`<p>${value}</p>`, 'a', 'b', 'b'],
    ['a number', (value) => html`<p>${value}</p>`, 1, 2, 2],
    ['text that goes', (value) => html`<p>${value}</p>`, 'a', '', null],
    ['an attribute', (value) => html`<p title=${value}></p>`, 'a', 'b', 'b'],
    ['an attribute that goes', (value) => html`<p title=${value}></p>`, 'a', null, null],
    ['a partly dynamic attribute', (value) => html`<p class="a ${value} b"></p>`, 1, 2, 'a 2 b'],
    ['a link that would run code', (value) => html`<a href=${value}></a>`, '/a', 'javascript:a', null],
    ['a boolean attribute', (value) => html`<p ?hidden=${value}></p>`, 0, 'x', true],
    ['a property', (value) => html`<my-el .rows=${value}></my-el>`, [], [1], [1]],
    ['a property that goes', (value) => html`<my-el .rows=${value}></my-el>`, [], undefined, null],
    ['a title', (value) => html`<title>a ${value}</title>`, 1, 2, 'a 2'],
    ['a title that goes', (value) => html`<title>${value}</title>`, 'a', null, ''],
    ['data', (value) => html`<script type="text/json">${value}</script>`, { a: 1 }, { a: '<' }, '{"a":"\\u003c"}'],
    ['raw markup', (value) => html`<p>${value}</p>`, unsafeHtml('<b>'), unsafeHtml('<i>'), ['raw', '<i>']],
    ['text to raw markup', (value) => html`<p>${value}</p>`, '<i>', unsafeHtml('<i>'), ['raw', '<i>']],
    ['memo to text', (value) => html`<p>${value}</p>`, memo({}, () => 'a'), 'b', 'b'],
    ['array to text', (value) => html`<p>${value}</p>`, ['a'], 'b', 'b'],
    ['array to nothing', (value) => html`<p>${value}</p>`, ['a'], [], []],
    ['a message to a function', (value) => html`<p @click=${value}></p>`, { type: 'X' }, () => null, 1],
    ['a listener that goes', (value) => html`<p @click=${value}></p>`, { type: 'X' }, null, null],
    [
      'listener options',
      (value) => html`<p @click=${value}></p>`,
      { type: 'X' },
      on({ type: 'X' }, { debounceMs: 9 }),
      [0, { b: 9 }],
    ],
  ])('%s is said as it is on the wire', (_, view, before, after, wire) => {
    expect(diff(view(before as never), view(after as never))).toEqual([[1, 0, wire]]);
  });

  test('is addressed by instance and hole', () => {
    const view = (value: string): Template<unknown> => html`<p title="a">${'same'} ${html`<b>${1}${value}</b>`}</p>`;
    expect(diff(view('a'), view('b'))).toEqual([[2, 1, 'b']]);
  });

  test('of a listener that is heard in the same way is not sent', () => {
    const view = (id: number): Template<unknown> =>
      html`<p @click=${{ type: 'UserPicked', id }} @input=${() => ({ type: 'UserTyped', id })}></p>`;
    const island = new TestIsland(view(1));
    expect(island.render(view(2))).toEqual([]);
    expect(island.rendering.findListener(1, 0)?.listener).toEqual({ type: 'UserPicked', id: 2 });
  });
});

describe('templates', () => {
  test('of another literal are a new instance, and are defined before their first use', () => {
    const view = (isOn: boolean): Template<unknown> =>
      html`<p>${isOn ? html`<b>${'on'}</b>` : html`<i>${'off'}</i>`}</p>`;
    const island = new TestIsland(view(true));
    expect(island.render(view(false))).toEqual([
      ['define', 2, [0, '<i></i>', [0, '', 0]]],
      [1, 0, [2, 'off']],
    ]);
    expect(island.render(view(true))).toEqual([[1, 0, [1, 'on']]]);
    expect(island.render(view(false))).toEqual([[1, 0, [2, 'off']]]);
  });

  test('of another literal at the root replace everything', () => {
    const island = new TestIsland(html`<p>${1}</p>`);
    expect(island.render(html`<b>${2}</b>`)).toEqual([
      ['define', 1, [0, '<b></b>', [0, '', 0]]],
      [0, 0, [1, 2]],
    ]);
    expect(island.rendering.toIds()).toEqual([2, 1]);
  });

  test('get ids that are never used again', () => {
    const view = (isOn: boolean): Template<unknown> => html`<p>${isOn ? html`<b>${html`<i></i>`}</b>` : null}</p>`;
    const island = new TestIsland(view(true));
    const seen = new Set<number>();
    for (let round = 0; round < 5; round++) {
      expect(island.rendering.toIds()[0]).toBe(1);
      const [, , first] = island.rendering.toIds();
      const id = first ?? 2;
      expect(seen).not.toContain(id + round * 2);
      island.render(view(false));
      island.render(view(true));
    }
    expect(island.rendering.nextId).toBe(14);
    expect(island.rendering.toIds()).toEqual([1, 1, 12, 2]);
  });

  test('get the ids that a rendering which was taken back had given: nobody was told of these', () => {
    const island = new TestIsland(html`<p>${html`<b></b>`}</p>`);
    island.render(html`<i>${html`<b></b>`}</i>`);
    island.rendering.rollBack();
    expect(island.rendering.toIds()).toEqual([1, 2]);
    expect(island.rendering.nextId).toBe(3);
  });

  test('stay when a rendering is kept: there is nothing to take back then', () => {
    const island = new TestIsland(html`<p>${html`<b></b>`}</p>`);
    island.render(html`<i>${html`<b></b>`}</i>`);
    island.rendering.keep();
    island.rendering.rollBack();
    expect(island.rendering.toIds()).toEqual([3, 2]);
    expect(island.html).toBe('<i><b></b></i>');
  });
});

describe('arrays', () => {
  const view = (values: readonly unknown[]): Template<unknown> => html`<p>${values as string[]}</p>`;

  test('are compared place by place', () => {
    expect(diff(view(['a', 'b']), view(['a', 'c']))).toEqual([[3, 0, 'c']]);
  });

  test('grow and shrink at the end', () => {
    const island = new TestIsland(view(['a']));
    expect(island.render(view(['a', 'b', 'c']))).toEqual([['list', 1, 0, [], [0, [1, 'b'], [1, 'c']]]]);
    expect(island.render(view(['b']))).toEqual([
      [2, 0, 'b'],
      ['list', 1, 0, [3, 4]],
    ]);
  });

  test('replace an item of another literal at its place', () => {
    const island = new TestIsland(view([html`<b></b>`, 'x', html`<i></i>`]));
    expect(island.render(view([html`<u></u>`, 'y', html`<u></u>`]))).toEqual([
      ['define', 4, [0, '<u></u>'], [0, '<u></u>']],
      [3, 0, 'y'],
      ['list', 1, 0, [2, 4], [3, [4]], [0, [5]]],
    ]);
  });

  test('are no keyed lists: one after the other is a new list', () => {
    const list = keyed(
      ['a'],
      (item) => item,
      (item) => item,
    );
    expect(diff(view(['a']), html`<p>${list}</p>`).at(-1)).toEqual([0, 0, [2, [[1, 'a']]]]);
    const either = (value: unknown): Template<unknown> => html`<p>${value as string}</p>`;
    expect(diff(either(['a']), either(list))).toEqual([[1, 0, [[1, 'a']]]]);
  });
});

describe('keyed lists', () => {
  const view = (rows: readonly Row[], seen: unknown[] = []): Template<unknown> =>
    html`<ul>${keyed(rows, 'id', (row) => {
      seen.push(row.id);
      return html`<li>${row.label ?? ''}</li>`;
    })}</ul>`;
  const rowsOf = (ids: string): Row[] => [...ids].map((id) => ({ id, label: id }));
  const patchOf = (before: string, after: string): Patch => diff(view(rowsOf(before)), view(rowsOf(after)));

  /** Which rows a patch moves, by their keys. Instances are numbered from 2 on in the order of `before`. */
  function moved(before: string, after: string): string {
    const [operation] = patchOf(before, after);
    if (operation?.[0] !== 'list') return '';
    const [, , , , ...runs] = operation;
    const ids = runs.flatMap(([, ...entries]) => entries.filter((entry) => typeof entry === 'number'));
    return ids.map((id) => before[id - 2]).join('');
  }

  test.each([
    ['ab', 'ba', 1],
    ['abc', 'bca', 1],
    ['abc', 'cab', 1],
    ['abc', 'cba', 2],
    ['abcdef', 'aecdbf', 2],
    ['abcdef', 'fabcde', 1],
    ['abcdef', 'bcdefa', 1],
    ['abcdefgh', 'hgfedcba', 7],
    ['abcdefgh', 'badcfehg', 4],
    ['abcdefgh', 'efghabcd', 4],
    ['abcdefgh', 'aceg', 0],
    ['aceg', 'abcdefgh', 0],
    ['abcd', 'xaybzcd', 0],
    ['abcdefgh', 'hxcbya', 3],
  ])('from %s to %s, %d rows are moved', (before, after, count) => {
    expect(moved(before, after)).toHaveLength(count);
  });

  test('are moved by one operation, each run before the row that stays behind it', () => {
    expect(patchOf('abcdef', 'aecdbf')).toEqual([['list', 1, 0, [], [4, 6], [7, 3]]]);
  });

  test('say removals, moves and new rows together', () => {
    expect(patchOf('abc', 'cxb')).toEqual([['list', 1, 0, [2], [3, 4, [1, 'x']]]]);
  });

  test('put new rows that stand together into one run', () => {
    expect(patchOf('ab', 'axyb')).toEqual([['list', 1, 0, [], [3, [1, 'x'], [1, 'y']]]]);
  });

  test('are mounted whole when they were empty, and emptied whole', () => {
    expect(patchOf('', 'ab')).toContainEqual([
      1,
      0,
      [
        [1, 'a'],
        [1, 'b'],
      ],
    ]);
    expect(patchOf('ab', '')).toEqual([[1, 0, []]]);
  });

  test('view only items that are other values than before', () => {
    const rows = rowsOf('abcdef');
    const seen: unknown[] = [];
    const island = new TestIsland(view(rows));
    expect(island.render(view(rows.with(2, { id: 'c', label: 'new' }), seen))).toEqual([[4, 0, 'new']]);
    expect(seen).toEqual(['c']);
    island.render(view([...rows].reverse(), seen));
    expect(seen).toEqual(['c', 'c']);
  });

  test('refuse two items of one key where the keys are others than before, and all of them were there', () => {
    const [a, b, c] = rowsOf('abc') as [Row, Row, Row];
    const by = (rows: Row[], key: (row: Row) => number | string): Template<unknown> =>
      html`<ul>${keyed(rows, key, (row) => html`<li>${row.label}</li>`)}</ul>`;
    const island = new TestIsland(by([a, b, c], (row) => row.id));
    expect(() => island.render(by([c, b, a], (row) => (row === b ? c.id : row.id)))).toThrow('have the key "c"');
  });

  test('of numbers take NaN for the same, and 0 for another than -0', () => {
    const seen: number[] = [];
    const numbers = (...items: number[]): Template<unknown> =>
      html`<ul>${keyed(
        items,
        (item) => String(item),
        (item) => {
          seen.push(item);
          return html`<li>${1 / item}</li>`;
        },
      )}</ul>`;
    const island = new TestIsland(numbers(1, Number.NaN, 0, 2));
    seen.splice(0);
    expect(island.render(numbers(1, Number.NaN, 0, 2))).toEqual([]);
    expect(seen).toEqual([]);
    expect(island.render(numbers(1, Number.NaN, -0, 2))).toEqual([[4, 0, '-Infinity']]);
    expect(seen).toEqual([-0]);
  });

  test('view an item again that was another one in between', () => {
    const [a, b] = rowsOf('ab') as [Row, Row];
    const other = { id: 'a', label: 'other' };
    const island = new TestIsland(view([a, b]));
    expect(island.render(view([other, b]))).toEqual([[2, 0, 'other']]);
    expect(island.render(view([a, b]))).toEqual([[2, 0, 'a']]);
  });

  test('do not view an item again whose array was changed in place', () => {
    const rows = rowsOf('abc');
    const island = new TestIsland(view(rows));
    rows.push({ id: 'd', label: 'd' });
    expect(island.render(view(rows))).toEqual([['list', 1, 0, [], [0, [1, 'd']]]]);
    rows.reverse();
    expect(island.render(view(rows)).length).toBe(1);
    expect(island.html).toBe('<ul><li>d</li><li>c</li><li>b</li><li>a</li></ul>');
  });

  test('take a key that is a property’s name, and refuse one that is no string or number', () => {
    const list = (rows: readonly object[]): Template<unknown> =>
      html`<ul>${keyed(rows as { id: string }[], 'id', ({ id }) => html`<li>${id}</li>`)}</ul>`;
    const island = new TestIsland(list([{ id: 'a' }, { id: 'b' }]));
    expect(island.render(list([{ id: 'b' }, { id: 'a' }]))).toEqual([expect.arrayContaining([1])]);
    expect(() => island.render(list([{ id: 'b' }, { name: 'a' }]))).toThrow(
      'a key is a string or a number; got undefined (key: id)',
    );
    expect(() => new TestIsland(list([{ id: {} }]))).toThrow('got [object Object] (key: id)');
    expect(() => new TestIsland(list([{ id: 'a' }, { id: 'a' }]))).toThrow('have the key "a" (key: id)');
  });

  test('view all items again when a dependency is another one', () => {
    const rows = [{ id: 1 }, { id: 2 }, { id: 3 }];
    let count = 0;
    const selectable = (selected: number): Template<unknown> =>
      html`<ul>${keyed(
        rows,
        'id',
        (row, deps) => {
          count++;
          return html`<li class=${row.id === deps.selected ? 'on' : null}></li>`;
        },
        { selected },
      )}</ul>`;
    const island = new TestIsland(selectable(1));
    expect(island.render(selectable(2))).toEqual([
      [2, 0, null],
      [3, 0, 'on'],
    ]);
    expect(count).toBe(6);
    expect(island.render(selectable(2))).toEqual([]);
    expect(count).toBe(6);
  });

  test('replace an item whose literal changes, where it stands or where it moves to', () => {
    const either = (rows: readonly Row[]): Template<unknown> =>
      html`<ul>${keyed(rows, 'id', (row) => (row.label ? html`<li>${row.label}</li>` : html`<hr>`))}</ul>`;
    const [a, b, c] = [
      { id: 1, label: 'a' },
      { id: 2, label: 'b' },
      { id: 3, label: 'c' },
    ];
    const island = new TestIsland(either([a, b, c]));
    expect(island.render(either([a, { id: 2 }, c]))).toEqual([
      ['define', 2, [0, '<hr>']],
      ['list', 1, 0, [3], [4, [2]]],
    ]);
    expect(island.render(either([{ id: 3 }, { id: 2 }, a]))).toEqual([['list', 1, 0, [4], [2, [2], 5]]]);
    expect(island.html).toBe('<ul><hr><hr><li>a</li></ul>');
  });

  test('may hold text, numbers and nested lists', () => {
    const nested = (groups: readonly Row[][]): Template<unknown> =>
      html`<div>${keyed(groups, 'length', (group) => [group.length, view(group)])}</div>`;
    const island = new TestIsland(nested([rowsOf('a'), rowsOf('bc')]));
    island.render(nested([rowsOf('bc'), rowsOf('a'), rowsOf('')]));
    expect(island.html.replaceAll('<!---->', '')).toBe(
      '<div>2<ul><li>b</li><li>c</li></ul>1<ul><li>a</li></ul>0<ul></ul></div>',
    );
  });

  test('refuse two items of one key, wherever they come', () => {
    for (const after of ['aa', 'abca', 'aabc', 'xx', 'abxxc', 'abcc', 'cabc', 'axbcx']) {
      const island = new TestIsland(view(rowsOf('abc')));
      expect(() => island.render(view(rowsOf(after)))).toThrow('two items of a keyed list have the key');
    }
    expect(() => new TestIsland(view(rowsOf('aa')))).toThrow('the key "a"');
  });

  test('tell numbers from texts as keys', () => {
    const rows: Row[] = [{ id: 1 }, { id: '1' }];
    expect(new TestIsland(view(rows)).render(view(rows.toReversed()))).toEqual([['list', 1, 0, [], [2, 3]]]);
  });
});

describe('the longest increasing subsequence', () => {
  test.each<[number[], string]>([
    [[], ''],
    [[0, 1, 2], '111'],
    [[2, 1, 0], '001'],
    [[-1, 0, -1, 1], '0101'],
    [[3, 0, 1, 4, 2], '01101'],
    [[-1, -1], '00'],
  ])('of %j is %s', (values, marks) => {
    expect([...longestIncreasing(Int32Array.from(values))].join('')).toBe(marks);
  });
});

describe('memo', () => {
  test('is evaluated again only when a dependency changes', () => {
    let count = 0;
    const view = (a: unknown, b: unknown): Template<unknown> =>
      html`<p>${memo({ a, b }, () => html`<b>${++count}</b>`)} ${String(a)}</p>`;
    const island = new TestIsland(view(1, Number.NaN));
    expect(island.render(view(1, Number.NaN))).toEqual([]);
    expect(island.render(view(2, Number.NaN))).toEqual([
      [2, 0, 2],
      [1, 1, '2'],
    ]);
    expect(count).toBe(2);
  });

  test('keeps the instance of what it shows, also when it comes or goes', () => {
    const part = (text: string): Template<unknown> => html`<b>${text}</b>`;
    const view = (value: unknown): Template<unknown> => html`<p>${value as string}</p>`;
    const island = new TestIsland(view(part('a')));
    expect(island.render(view(memo({ n: 1 }, () => part('b'))))).toEqual([[2, 0, 'b']]);
    expect(island.render(view(memo({ n: 1 }, () => part('never'))))).toEqual([]);
    expect(island.render(view(part('c')))).toEqual([[2, 0, 'c']]);
  });
});

describe('listeners', () => {
  const message = (listener: unknown): unknown => (listener as { type: string }).type;

  test('are found by instance and hole, and only while they are there', () => {
    const view = (isOn: boolean): Template<unknown> =>
      html`<p title="x" @click=${{ type: 'UserClicked' }}>${isOn ? html`<b @click=${{ type: 'UserPicked' }}></b>` : 'text'}</p>`;
    const { rendering } = new TestIsland(view(true));
    expect(message(rendering.findListener(1, 0)?.listener)).toBe('UserClicked');
    expect(message(rendering.findListener(2, 0)?.listener)).toBe('UserPicked');
    for (const [id, hole] of [
      [0, 0],
      [1, 1],
      [2, 1],
      [3, 0],
      [1, -1],
      [1, 99],
      [1, 0.5],
    ] as const) {
      expect(rendering.findListener(id, hole)).toBeUndefined();
    }
    rendering.render(view(false));
    expect(rendering.findListener(2, 0)).toBeUndefined();
    rendering.render(view(true));
    expect(rendering.findListener(2, 0)).toBeUndefined();
    expect(message(rendering.findListener(3, 0)?.listener)).toBe('UserPicked');
  });

  test('pass their messages through all maps around them, from the inside out', () => {
    const inner = html`<b @click=${{ type: 'UserClicked' }}></b>`;
    const twice = mapMessages(
      mapMessages(inner, (child) => ({ type: 'InnerChanged', child })),
      (child) => ({ type: 'MiddleChanged', child }),
    );
    const outer = mapMessages(html`<p>${[html`<i>${memo({}, () => twice)}</i>`]}</p>`, (child) => ({
      type: 'OuterChanged',
      child,
    }));
    const { rendering } = new TestIsland(html`<div>${outer}</div>`);
    const found = rendering.findListener(4, 0);
    let result: unknown = found?.listener;
    for (const map of found?.maps ?? []) result = map(result as never);
    expect(result).toEqual({
      type: 'OuterChanged',
      child: { type: 'MiddleChanged', child: { type: 'InnerChanged', child: { type: 'UserClicked' } } },
    });
  });

  test('use the map of the latest rendering', () => {
    const part = (id: number): Template<unknown> =>
      html`<p>${mapMessages(html`<b @click=${{ type: 'UserClicked' }}></b>`, () => ({ type: 'Mapped', id }))}</p>`;
    const { rendering } = new TestIsland(part(1));
    expect(rendering.render(part(2))).toEqual([]);
    expect(rendering.findListener(2, 0)?.maps[0]?.({} as never)).toEqual({ type: 'Mapped', id: 2 });
  });
});

describe('adoption', () => {
  test('learns of content only what the HTML does not say', () => {
    const { rendering } = new TestIsland(html`
      <p class=${'a'} ?hidden=${true} .data=${[1]} @click=${{ type: 'X' }}>${'text'} ${null} ${html`<b>${1}</b>`}</p>
    `);
    expect(encodeShape(rendering.content, rendering.table)).toEqual([0, 'a', [1], 0, 0, null, [1, 0]]);
  });

  test('counts rows of one shape instead of listing them', () => {
    const rows = Array.from({ length: 1000 }, (_, id) => ({ id, label: `row ${id}` }));
    const list = keyed(rows, 'id', (row) => html`<li @click=${{ type: 'X' }}>${row.label}</li>`);
    const { rendering } = new TestIsland(html`<ul>${list}</ul>`);
    expect(encodeShape(rendering.content, rendering.table)).toEqual([0, ['list', 1000, [1, 0, 0]]]);
    expect(rendering.toIds()).toEqual([1, 1001]);
  });

  test('knows raw markup, empty lists and an empty island', () => {
    const { rendering } = new TestIsland(html`<p>${unsafeHtml('<b>')} ${[]} ${['a', null, 'b']}</p>`);
    expect(encodeShape(rendering.content, rendering.table)).toEqual([
      0,
      ['raw'],
      ['list'],
      ['list', 1, [1, 0], 1, [1, null], 1, [1, 0]],
    ]);
    expect(encodeShape(null, rendering.table)).toBeNull();
  });
});

describe('a property that is data', () => {
  const view = (value: unknown): Template<unknown> => html`<my-el .data=${value as string}></my-el>`;
  const patch = (before: unknown, after: unknown): Patch => diff(view(before), view(after));
  const deep = (levels: number, end: unknown): unknown => (levels === 0 ? end : [deep(levels - 1, end)]);

  test('is sent when it holds something else', () => {
    const data = { a: 1, b: [{ c: 'x' }, null] };
    for (const other of [{ a: 1, b: [{ c: 'y' }, null] }, { a: 1 }, { ...data, d: 1 }, { a: 1, x: data.b }, [], null]) {
      expect(patch(data, other)).toEqual([[1, 0, other]]);
    }
    expect(patch([], {})).toEqual([[1, 0, {}]]);
    expect(patch([1, 2], [2, 1])).toEqual([[1, 0, [2, 1]]]);
    expect(patch(deep(30, 1), deep(30, 2))).toEqual([[1, 0, deep(30, 2)]]);
  });

  test('is not sent again when it is made anew and holds the same', () => {
    const make = (): unknown => ({ a: 1, b: [{ c: 'x' }, null, Number.NaN], d: {} });
    expect(patch(make(), make())).toEqual([]);
    expect(patch([], [])).toEqual([]);
  });

  test('is sent where nobody can tell by looking: an instance of a class, or what nests without end', () => {
    class Place {
      readonly x = 1;
    }
    for (const make of [() => new Place(), () => new Date(0), () => new Map(), () => deep(30, 1)]) {
      expect(patch(make(), make())).toHaveLength(1);
    }
    const endless = (): unknown => {
      const loop: { self?: unknown } = {};
      loop.self = loop;
      return loop;
    };
    expect(patch(endless(), endless())).toHaveLength(1);
  });
});

test('a function cannot be a property, for it cannot be sent', () => {
  expect(() => new TestIsland(html`<my-el .render=${() => 1}></my-el>`)).toThrow(
    'a function cannot be sent as the property render',
  );
});
