// Nobody presses what is disabled, and nobody chooses what was not offered: such an event is late, or made up. The
// server knows what it rendered, and refuses it over a real socket; its sender is told, the model stays, nobody else
// notices.

import { describe, expect, test } from 'vitest';
import { component, effect, html, keyed, memo, on, type Template, unsafeHtml } from '../shared/index.ts';
import type { Json } from '../shared/language/events.ts';
import { outcomeOf, refusedTo } from './support/outcomes.ts';
import { startServer } from './support/server.ts';

interface Message {
  readonly type: 'UserPressed';
  readonly value: string | undefined;
}

const press = on<Message>(({ value }) => ({ type: 'UserPressed', value }));

/** Reports an event at the listener of a view, and tells whether the server took it. */
async function tell(view: () => Template<Message>, data?: Json): Promise<'taken' | 'refused'> {
  const taken: Message[] = [];
  const pressed = component<null, Message>({
    init: () => [null, effect.none],
    update(_, message) {
      taken.push(message);
      return [null, effect.none];
    },
    view,
  });
  await using server = await startServer((app) => app.islet.route('/ws/x', pressed));
  const page = await server.visit('/ws/x');
  page.click(listenerOf(view()), { data });
  await outcomeOf(page, 1);
  const refused = refusedTo(page);
  expect(refused.length + taken.length).toBe(1);
  if (taken.length === 1) return 'taken';
  expect(refused).toEqual([{ event: 1, code: 'ISLET_ERR_EVENT_DISABLED' }]);
  expect(server.errors).toEqual([]);
  expect(server.app.islet.counters).toMatchObject({ failures: 0, droppedEvents: 1 });
  return 'refused';
}

/** The hole of the listener: of holes whose values make one text, only the first counts. */
function listenerOf({ values }: Template<Message>): number {
  return values.indexOf(press);
}

describe('what is disabled is not pressed', () => {
  const yes = true;
  test.each<[string, () => Template<Message>]>([
    ['by a condition', () => html`<button ?disabled=${yes} @click=${press}></button>`],
    ['by a condition behind the listener', () => html`<p><button @click=${press} ?disabled=${yes}></button></p>`],
    ['by a property', () => html`<button .disabled=${yes} @click=${press}></button>`],
    ['by a property with any value that holds', () => html`<button .disabled=${'yes'} @click=${press}></button>`],
    ['by an attribute', () => html`<button disabled=${''} @click=${press}></button>`],
    ['by an attribute, whatever its text', () => html`<button disabled=${'false'} @click=${press}></button>`],
    ['by the template', () => html`<p>a</p><p>b <button disabled @click=${press}></button></p>`],
    ['by the template, with a text', () => html`<button DISABLED="disabled" @click=${press}></button>`],
    ['a field', () => html`<input ?disabled=${yes} @input=${press}>`],
    ['a text area', () => html`<textarea ?disabled=${yes} @change=${press}></textarea>`],
    ['a list of options', () => html`<select ?disabled=${yes} @change=${press}></select>`],
    ['a control of the app’s own', () => html`<star-field ?disabled=${yes} @change=${press}></star-field>`],
    ['a key in a field', () => html`<input ?disabled=${yes} @keydown=${press}>`],
    ['by an object of attributes', () => html`<button ...=${{ disabled: yes }} @click=${press}></button>`],
    [
      'by a group that an object disables',
      () => html`<fieldset ...=${{ disabled: yes }}><button @click=${press}></button></fieldset>`,
    ],
    ['with options of the listener', () => html`<b>${yes}</b><button ?disabled=${yes} @click=${press}></button>`],
  ])('%s', async (_, view) => {
    expect(await tell(view)).toBe('refused');
  });

  test.each<[string, () => Template<Message>]>([
    ['a condition that does not hold', () => html`<button ?disabled=${!yes} @click=${press}></button>`],
    ['a property that is not set', () => html`<button .disabled=${''} @click=${press}></button>`],
    ['an attribute that is not there', () => html`<button disabled=${null} @click=${press}></button>`],
    ['another element of the template', () => html`<i><input ?disabled=${yes}></i><button @click=${press}></button>`],
    ['a neighbour that the template disables', () => html`<button disabled></button><button @click=${press}></button>`],
    ['what cannot be disabled', () => html`<div ?disabled=${yes} @click=${press}></div>`],
    ['a group, whose links are pressed', () => html`<fieldset ?disabled=${yes} @click=${press}></fieldset>`],
    ['a pointer over it', () => html`<button ?disabled=${yes} @mouseenter=${press}></button>`],
    ['an event of the app’s own', () => html`<star-field ?disabled=${yes} @stars-loaded=${press}></star-field>`],
    ['another attribute', () => html`<button data-disabled="" aria-disabled=${yes} @click=${press}></button>`],
    ['a text that says so', () => html`<button title="a > b disabled" @click=${press}>disabled</button>`],
  ])('but is, for all that is known, by %s', async (_, view) => {
    expect(await tell(view)).toBe('taken');
  });

  test('also if it was when it was pressed: the click is late', async () => {
    const order = component<{ orders: number; isBusy: boolean }, { type: 'UserOrdered' }>({
      init: () => [{ orders: 0, isBusy: false }, effect.none],
      update: ({ orders }) => [{ orders: orders + 1, isBusy: true }, effect.none],
      view: ({ orders, isBusy }) =>
        html`<button ?disabled=${isBusy} @click=${{ type: 'UserOrdered' }}>Order</button>${orders}`,
    });
    await using server = await startServer((app) => app.islet.route('/ws/order', order, { shared: true }));
    const [one, other] = [await server.visit('/ws/order'), await server.visit('/ws/order')];
    const version = other.version();
    one.click(1);
    await outcomeOf(one, 1);
    other.click(1, { version });
    await outcomeOf(other, 1);
    expect(refusedTo(other)).toEqual([{ event: 1, code: 'ISLET_ERR_EVENT_DISABLED' }]);
    expect(refusedTo(one)).toEqual([]);
    await one.handled();
    expect(one.slots()[2]).toBe(1);
  });
});

describe('of a list of options', () => {
  const names = ['ann', 'bob'];
  const option = (name: string) => html`<option value=${name}>${name.toUpperCase()}</option>`;
  const lists: Record<string, () => Template<Message>> = {
    'written in the template': () =>
      html`<select @change=${press}><option value="ann">A</option><option value='bob'>B</option></select>`,
    'from an array': () => html`<p>a</p><select id="x" @change=${press}>${names.map(option)}</select><p>b</p>`,
    'from a keyed list': () =>
      html`<select @change=${press}>${keyed(
        names,
        (name) => name,
        (name) => option(name),
      )}</select>`,
    'in groups': () =>
      html`<select @change=${press}><optgroup label="A">${option('ann')}</optgroup><optgroup label="B">${option('bob')}</optgroup></select>`,
    'in templates inside templates': () =>
      html`<select @change=${press}>${html`${html`<optgroup label="x">${names.map(option)}</optgroup>`}`}</select>`,
    'that are remembered': () => html`<select @change=${press}>${memo({}, () => names.map(option))}</select>`,
    'some of them there for now': () =>
      html`<select @change=${press}>${html`<option value="ann"></option>`}${null}${true && option('bob')}</select>`,
    'that are what they say': () => html`<select @change=${press}><option>ann</option><option>
      ${'bob'}
    </option></select>`,
    'set as properties': () =>
      html`<select @change=${press}>${names.map((name) => html`<option .value=${name}>x</option>`)}</select>`,
    'from markup': () =>
      html`<select @change=${press}>${unsafeHtml('<option value="ann">A</option><option>bob</option>')}</select>`,
    'behind another list': () => html`
      <select><option>eve</option></select>
      <select title="<select>" class=${'a'} @change=${press}>${names.map(option)}</select>
      <select><option>mallory</option></select>
    `,
    'with what browsers let it hold since 2025': () => html`
      <select class=${'a'} @change=${press}>
        <button><selectedcontent></selectedcontent></button>${names.map(option)}
      </select>
    `,
    'of which several can be chosen': () => html`<select multiple @change=${press}>${names.map(option)}</select>`,
  };

  test.each(Object.entries(lists))('%s, those are chosen that it offers', async (_, view) => {
    expect(await tell(view, { value: 'bob' })).toBe('taken');
    expect(await tell(view, { value: '' })).toBe('taken');
    for (const value of ['eve', 'mallory', 'Bob', 'x', '<select>']) expect(await tell(view, { value })).toBe('refused');
  });

  test('one is chosen by its value, and by its words only if it has none', async () => {
    const view = () => html`<select @change=${press}><option value=${1}>one</option><option> two   or
      more </option></select>`;
    expect(await tell(view, { value: '1' })).toBe('taken');
    expect(await tell(view, { value: 'one' })).toBe('refused');
    expect(await tell(view, { value: 'two or more' })).toBe('taken');
  });

  test('any text can be the value of one', async () => {
    const odd = ['"', "'", '<b>', '&amp;', 'a  b', ' ', 'ö', '</select><option>eve'];
    const view = () =>
      html`<select @change=${press}>${odd.map((value) => html`<option value=${value}>${value}</option>`)}</select>`;
    for (const value of odd) expect(await tell(view, { value })).toBe('taken');
    expect(await tell(view, { value: 'eve' })).toBe('refused');
  });

  test('one that is disabled is not chosen, but it may have been from the beginning', async () => {
    const of = (list: (options: Template<never>) => Template<Message>) => () =>
      list(html`<option disabled selected>none</option><optgroup label="x" disabled>${option('ann')}</optgroup>`);
    const chosen = of((options) => html`<select @change=${press}>${options}</select>`);
    const typed = of((options) => html`<select @input=${press}>${options}</select>`);
    const left = of((options) => html`<select @blur=${press}>${options}</select>`);
    const severalChosen = of((options) => html`<select multiple @change=${press}>${options}</select>`);
    for (const value of ['none', 'ann']) {
      expect(await tell(chosen, { value })).toBe('refused');
      expect(await tell(typed, { value })).toBe('refused');
      expect(await tell(left, { value })).toBe('taken');
      expect(await tell(severalChosen, { value })).toBe('taken');
    }
    expect(await tell(left, { value: 'eve' })).toBe('refused');
  });
});

describe('of radio buttons and checkboxes', () => {
  test.each<[string, () => Template<Message>, string, string[]]>([
    ['the value of the template', () => html`<input type="radio" value="a" @change=${press}>`, 'a', ['b', 'on', '']],
    ['a value', () => html`<input type="RADIO" @change=${press} value=${'a'}>`, 'a', ['b', 'on', '']],
    ['a value in a text', () => html`<input type="radio" @change=${press} value="x-${1}">`, 'x-1', ['x-', '1']],
    ['a value as a property', () => html`<input type="checkbox" .value=${5} @click=${press}>`, '5', ['6', 'on']],
    ['a type as a property', () => html`<input .type=${'radio'} .value=${'a'} @click=${press}>`, 'a', ['b']],
    ['no value', () => html`<input title="a > b" type=${'checkbox'} @input=${press}>`, 'on', ['off', '']],
    ['no value for now', () => html`<input type="checkbox" value=${null} @input=${press}>`, 'on', ['off']],
  ])('%s is the one that it can have', async (_, view, own, others) => {
    expect(await tell(view, { value: own, checked: true })).toBe('taken');
    expect(await tell(view, { value: own, checked: false })).toBe('taken');
    for (const value of others) expect(await tell(view, { value, checked: true })).toBe('refused');
  });
});

describe('anything can be written', () => {
  test.each<[string, () => Template<Message>]>([
    ['into a field', () => html`<input value="a" @input=${press}>`],
    ['into a field of another type', () => html`<input type=${'email'} value=${'a'} @change=${press}>`],
    ['into a text area', () => html`<textarea @input=${press}>${'a'}</textarea>`],
    ['into a field that suggests something', () => html`<input list="x" @input=${press}>`],
    ['beside a list of options', () => html`<select><option>a</option></select><input @input=${press}>`],
  ])('%s', async (_, view) => {
    for (const value of ['', 'anything', '<b>"&']) expect(await tell(view, { value })).toBe('taken');
  });
});

test.each<[string, Json]>([
  ['no data', null],
  ['a list', ['eve']],
  ['a number', { value: 5 }],
  ['a list as the value', { value: ['eve'] }],
  ['an object as the value', { value: { toString: 'eve' } }],
  ['nothing', { value: null }],
])('an event that is made up with %s says no value', async (_, data) => {
  const taken: unknown[] = [];
  const chosen = component<null, Message>({
    init: () => [null, effect.none],
    update(_, { value }) {
      taken.push(value);
      return [null, effect.none];
    },
    view: () => html`<select @change=${press}><option>ann</option></select>`,
  });
  await using server = await startServer((app) => app.islet.route('/ws/x', chosen));
  const page = await server.visit('/ws/x');
  page.click(0, { data });
  await outcomeOf(page, 1);
  expect(taken).toEqual([undefined]);
});

describe('what it costs', () => {
  /** Counts how often the HTML of a value is made. */
  function counting(): { readonly value: object; count: number } {
    const counted = {
      count: 0,
      value: {
        toString() {
          counted.count++;
          return 'ann';
        },
      },
    };
    return counted;
  }

  const rows = Array.from({ length: 1_000 }, (_, index) => index);

  test('an event at a button among 1,000 rows evaluates none of them', async () => {
    const counted = counting();
    const row = (id: number) => html`<p><input .value=${counted.value}>${id}</p>`;
    expect(
      await tell(
        () =>
          html`<b title=${'a'}></b><button @click=${press}></button>${rows.map(row)}<input .value=${counted.value}>`,
        { value: '' },
      ),
    ).toBe('taken');
    expect(counted.count).toBe(0);
  });

  test('an event at a list of options evaluates these, once each, and nothing around them', async () => {
    const [inside, outside] = [counting(), counting()];
    const option = () => html`<option .value=${inside.value}></option>`;
    const row = () => html`<p><input .value=${outside.value}></p>`;
    const view = () =>
      html`${rows.map(row)}<select @change=${press}>${[1, 2, 3].map(option)}</select><input .value=${outside.value}>`;
    expect(await tell(view, { value: 'ann' })).toBe('taken');
    expect(inside.count).toBe(3);
    expect(outside.count).toBe(0);
  });
});
