// A forged event cannot say more of a form than its page could: fields that it does not have are left out, what is not
// offered is not chosen, and what stands in a disabled group is not pressed. What the server cannot know it lets
// through.

import { describe, expect, test } from 'vitest';
import { html, keyed, type Template, unsafeHtml } from '../shared/index.ts';
import { type Pressed, press, tell } from './support/press.ts';

const heard = press();
const option = (name: string) => html`<option value=${name}>${name.toUpperCase()}</option>`;
const yes = true;

const form = (): Template<Pressed> => html`
  <form id="order" @submit=${heard}>
    <input name="title"><input type="hidden" name="id" value="5">
    <select name="size">${['s', 'm'].map(option)}</select>
    ${keyed(
      ['a', 'b'],
      (row) => row,
      (row) => html`<input type="radio" name="extra" value=${row}><textarea name=${`note-${row}`}></textarea>`,
    )}
    <fieldset ?disabled=${yes}><legend><input name="inside"></legend><input name="off"></fieldset>
    <input name="gone" disabled><input type="image" name="at">
    <button name="act" value="save">Save</button><button name="act" value="drop" ?disabled=${yes}>Drop</button>
  </form>
  <input form="order" name="far"><input form="other" name="foreign"><input name="beside">
`;

const submit = (fields: Record<string, string | string[]>, more: object = {}, view = form, hole = 0) =>
  tell(view, { hole, data: { fields, ...more } as never });

describe('of a form that is submitted', () => {
  test('the fields are told that it has, wherever in its view they are made', async () => {
    const fields = {
      title: 'anything',
      id: '6',
      size: 'm',
      extra: 'b',
      'note-a': 'x',
      'note-b': 'y',
      inside: 'z',
      far: 'f',
      'at.x': '1',
      'at.y': '2',
      act: 'save',
    };
    expect(await submit(fields)).toEqual({ fields });
  });

  test('fields are left out that it does not have', async () => {
    const fields = { title: 't', role: 'admin', off: '1', gone: '2', foreign: '3', beside: '4', ['__proto__']: 'x' };
    expect(await submit(fields)).toEqual({ fields: { title: 't' } });
  });

  test.each([
    ['a choice that is not offered', { size: 'xl' }],
    ['one of several', { extra: ['a', 'c'] }],
    ['a button’s other value', { act: 'delete' }],
    ['a disabled button’s value', { act: 'drop' }],
  ])('%s is refused', async (_, fields) => {
    expect(await submit(fields)).toBe('refused');
  });

  test('its button is one that it has, and that is not disabled', async () => {
    const data = { fields: {}, submitter: { name: 'act', value: 'save' } };
    expect(await submit({}, { submitter: data.submitter })).toEqual(data);
    for (const submitter of [
      { name: 'act', value: 'drop' },
      { name: 'act', value: 'delete' },
      { name: 'other', value: '' },
    ]) {
      expect(await submit({}, { submitter })).toBe('refused');
    }
  });

  test('it is not submitted while all of its buttons are disabled', async () => {
    const view = (isDisabled: boolean) => () =>
      html`<form @submit=${heard}><input name="a"><p>${html`<button ?disabled=${isDisabled}>Go</button>`}</p></form>`;
    expect(await submit({ a: '1' }, {}, view(true))).toBe('refused');
    expect(await submit({ a: '1' }, {}, view(false))).toEqual({ fields: { a: '1' } });
    const group = () => html`<form @submit=${heard}><fieldset disabled>${html`<button>Go</button>`}</fieldset></form>`;
    expect(await submit({}, {}, group)).toBe('refused');
  });

  test.each<[string, () => Template<Pressed>]>([
    ['an element that draws itself', () => html`<form @submit=${heard}><user-picker></user-picker></form>`],
    ['markup of somebody else', () => html`<form @submit=${heard}>${unsafeHtml('<input name="role">')}</form>`],
  ])('all fields are told if it holds %s', async (_, view) => {
    expect(await submit({ role: 'x' }, {}, view)).toEqual({ fields: { role: 'x' } });
  });

  test('where fields are named, those count and no others', async () => {
    const view = () =>
      html`<form @submit=${press({ fields: ['a', 'elsewhere'] })}><input name="a"><input name="b"></form>`;
    const fields = { a: '1', b: '2', elsewhere: '3', role: 'admin' };
    expect(await submit(fields, {}, view)).toEqual({ fields: { a: '1', elsewhere: '3' } });
    const open = () => html`<form @submit=${press({ fields: ['a'] })}><user-picker></user-picker></form>`;
    expect(await submit(fields, {}, open)).toEqual({ fields: { a: '1' } });
  });
});

describe('of a choice that is heard further out', () => {
  const around = (): Template<Pressed> => html`
    <div @change=${heard}>
      <select name="size">${['s', 'm'].map(option)}</select>
      ${[1, 2].map((row) => html`<input type="checkbox" name="row" value=${row}>`)}
      <input name="text"><fieldset disabled><select name="off"><option>x</option></select></fieldset>
    </div>
  `;
  test.each([
    ['an option', { name: 'size', value: 'm' }],
    ['a checkbox', { name: 'row', value: '2', checked: true }],
    ['a field', { name: 'text', value: 'anything' }],
  ])('%s is told', async (_, data) => {
    expect(await tell(around, { hole: 0, data })).toEqual(data);
  });

  test.each([
    ['what no option offers', { name: 'size', value: 'xl' }],
    ['what another list offers', { name: 'row', value: 'm' }],
    ['what is disabled', { name: 'off', value: 'x' }],
    ['what is not there', { name: 'role', value: 'admin' }],
    ['one of several', { name: 'size', value: 's', values: ['s', 'xl'] }],
  ])('%s is refused', async (_, data) => {
    expect(await tell(around, { hole: 0, data })).toBe('refused');
  });

  test('a value of a control without a name is left out if there is none', async () => {
    expect(await tell(around, { hole: 0, data: { value: 'x', checked: true, key: 'a' } })).toEqual({ key: 'a' });
    const editable = () => html`<div @input=${heard}><p contenteditable=${'true'}></p></div>`;
    expect(await tell(editable, { hole: 0, data: { value: 'x' } })).toEqual({ value: 'x' });
  });

  test('what is heard at the window may have happened at any control of the page', async () => {
    const view = () => html`<div @keydown=${press({ window: true })}></div>`;
    const data = { key: 'a', name: 'elsewhere', value: 'x' };
    expect(await tell(view, { hole: 0, data })).toEqual(data);
  });
});

describe('in a group that is disabled', () => {
  const button = html`<button @click=${heard}>Press</button>`;
  test.each<[string, () => Template<Pressed>, number, number]>([
    ['the template', () => html`<fieldset disabled><p><button @click=${heard}>Press</button></p></fieldset>`, 1, 0],
    ['a hole', () => html`<fieldset ?disabled=${yes}><input @input=${heard}></fieldset>`, 1, 1],
    ['a template around it', () => html`<fieldset ?disabled=${yes}>${button}</fieldset>`, 2, 0],
    ['two templates around it', () => html`<fieldset disabled><b></b>${html`<p>${[button]}</p>`}</fieldset>`, 3, 0],
    ['a group around another', () => html`<fieldset disabled><fieldset>${button}</fieldset></fieldset>`, 2, 0],
    ['a second legend', () => html`<fieldset disabled><legend></legend><legend>${button}</legend></fieldset>`, 2, 0],
  ])('by %s, nothing is pressed', async (_, view, instance, hole) => {
    expect(await tell(view, { instance, hole })).toBe('refused');
  });

  test.each<[string, () => Template<Pressed>, number, number]>([
    ['in its legend', () => html`<fieldset disabled><legend>${button}</legend></fieldset>`, 2, 0],
    ['in a group that is not disabled', () => html`<fieldset ?disabled=${!yes}>${button}</fieldset>`, 2, 0],
    ['beside it', () => html`<fieldset disabled><input></fieldset>${button}`, 2, 0],
    ['a link', () => html`<fieldset disabled><a href="/" @click=${heard}>Press</a></fieldset>`, 1, 0],
  ])('but %s it is', async (_, view, instance, hole) => {
    expect(await tell(view, { instance, hole })).toEqual({});
  });
});

test('data of other types than an event’s is left out', async () => {
  const view = () => html`<div @click=${heard}></div>`;
  const wrong = {
    values: ['a', 5],
    name: 5,
    shiftKey: 1,
    submitter: { name: 'a' },
    files: [['', { name: 'a', size: '1', type: '' }]],
    text: [],
    open: 'yes',
    returnValue: {},
  };
  expect(await tell(view, { hole: 0, data: wrong })).toEqual({});
});

test('what was pasted with files is told, and described', async () => {
  const data = { text: 'a', files: [['', { name: 'a.png', size: 5, type: 'image/png' }]] };
  expect(await tell(() => html`<div @paste=${heard}></div>`, { hole: 0, data: data as never })).toEqual(data);
});
