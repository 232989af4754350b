// Components with every kind of control, for fields.test.ts: each is shown by a server and by a browser. They write
// down what they are told. `update` of each is a function of what it has and what it is told.

import { component, type EventData, effect, html, on, type Template } from '../../shared/index.ts';
import { foreignList } from './foreign-list.ts';

export interface Sheet {
  readonly text: string;
  readonly number: number;
  readonly isOn: boolean;
  readonly choice: string;
  readonly choices: readonly string[];
  readonly options: readonly string[];
  /** All that was told so far. */
  readonly log: readonly Told[];
}

export interface Told {
  readonly type: string;
  readonly name: string;
  readonly data: EventData;
}

type Tell = (type: string, name?: string) => (data: EventData) => Told;

const empty: Sheet = {
  text: '',
  number: 0,
  isOn: false,
  choice: 'a',
  choices: ['a'],
  options: ['a', 'b', 'c'],
  log: [],
};

export const tell: Tell =
  (type, name = '') =>
  (data) => ({ type, name, data });

export function sheet(
  view: (model: Sheet) => Template<Told>,
  change: (model: Sheet, told: Told) => Partial<Sheet> = () => ({}),
  first: Partial<Sheet> = {},
) {
  return component<Sheet, Told>({
    init: () => [{ ...empty, ...first }, effect.none],
    update: (model, told) => [
      { ...model, log: [...model.log, { type: told.type, name: told.name, data: told.data }], ...change(model, told) },
      effect.none,
    ],
    view: (model) => html`${view(model)}<output>${JSON.stringify(model.log)}</output>`,
  });
}

const setText = (_: Sheet, { data }: Told): Partial<Sheet> => ({ text: data.value ?? '' });
export const button = (name: string) =>
  html`<button type="button" name=${name} @click=${tell('pressed', name)}>${name}</button>`;
export const pressed = (told: Told, name: string): boolean => told.type === 'pressed' && told.name === name;

const radios = ['a', 'b', 'c'];
// not a list: its rows would have no names
const radioButtons = (type: string, name: string, choice: unknown) => html`
  <input type="radio" name="r" value="a" .checked=${choice === 'a'} @change=${tell(type, name)}>
  <input type="radio" name="r" value="b" .checked=${choice === 'b'} @change=${tell(type, name)}>
  <input type="radio" name="r" value="c" .checked=${choice === 'c'} @change=${tell(type, name)}>
`;

export const components = {
  foreign: foreignList,
  /** A box without a value, told by `change`. */
  box: sheet(
    ({ isOn }) => html`<input type="checkbox" .checked=${isOn} @change=${tell('change')}>${button('toggle')}`,
    ({ isOn }, told) => ({ isOn: pressed(told, 'toggle') ? !isOn : told.data.checked === true }),
  ),
  boxByClick: sheet(
    ({ isOn }) => html`<input type="checkbox" value="1" .checked=${isOn} @click=${tell('click')}>${button('toggle')}`,
    ({ isOn }) => ({ isOn: !isOn }),
  ),
  boxInRow: sheet(
    ({ isOn }) => html`
      <p @click=${tell('click')}><label><input type="checkbox" value="1" .checked=${isOn}> on</label></p>${button('toggle')}
    `,
    ({ isOn }, told) => (pressed(told, 'toggle') || told.data.checked !== undefined ? { isOn: !isOn } : {}),
  ),
  refusedBox: sheet(({ isOn }) => html`<input type="checkbox" .checked=${isOn} @click=${tell('click')}>`),
  unheard: sheet(
    ({ text }) => html`<input .value=${text}>${button('set')}${button('nothing')}`,
    (_, told) => (pressed(told, 'set') ? { text: 'v2' } : {}),
    { text: 'v1' },
  ),
  debounced: sheet(
    ({ text }) => html`
      <form @submit=${tell('submit')}>
        <input name="text" .value=${text} @input=${on(tell('input'), { debounceMs: 150 })}>
      </form>
    `,
    (_, { type, data }) => ({ text: type === 'submit' ? '' : (data.value ?? '') }),
  ),
  options: sheet(
    ({ choice, options }) => html`
      <select @change=${tell('change')}>
        ${options.map((each) => html`<option value=${each} .selected=${each === choice}>${each}</option>`)}
      </select>
    `,
    (_, { data }) => ({ choice: data.value ?? '' }),
  ),
  digits: sheet(
    ({ text }) => html`<input .value=${text} @input=${tell('input')}>`,
    (_, { data }) => ({ text: (data.value ?? '').replace(/\D/g, '') }),
  ),
  capitals: sheet(
    ({ text }) => html`<input .value=${text} @input=${tell('input')}>`,
    (_, { data }) => ({ text: (data.value ?? '').toUpperCase() }),
  ),
  trimmed: sheet(
    ({ text }) => html`<input .value=${text} @input=${tell('input')}>`,
    (_, { data }) => ({ text: (data.value ?? '').trim() }),
  ),
  refusing: sheet(
    ({ choice, isOn }) => html`
      ${radioButtons('radio', '', choice)}
      <select .value=${choice} @change=${tell('select')}>${radios.map((each) => html`<option>${each}</option>`)}</select>
      <input type="checkbox" .checked=${isOn} @change=${tell('box')}>
      <input type="range" .value=${'50'} @change=${tell('range')}>
    `,
  ),
  chat: sheet(
    ({ log }) => html`
      <form @submit=${tell('submit')}><input name="text" .value=${''}><button>Send</button></form><p>${log.length}</p>
    `,
  ),
  lateOptions: sheet(
    ({ options }) => html`
      <select .value=${'b'} @change=${tell('change')}>${options.map((each) => html`<option value=${each}>${each}</option>`)}</select>
      ${button('load')}${button('reverse')}
    `,
    ({ options }, told) => ({
      options: pressed(told, 'load') ? radios : pressed(told, 'reverse') ? options.toReversed() : options,
    }),
    { options: [] },
  ),
  /** What browsers let a list of choices hold since 2025, and older ones drop: it has a hole of its own. */
  rich: sheet(
    ({ choice, options }) => html`
      <select .value=${choice} @change=${tell('change')}>
        ${html`<button><selectedcontent></selectedcontent></button>`}
        ${options.map((each) => html`<option value=${each}><b>bold</b> ${each}</option>`)}
      </select>
      ${button('set')}
    `,
    (_, told) =>
      pressed(told, 'set') ? { choice: 'd', options: ['c', 'd'] } : { choice: told.data.value === 'b' ? 'b' : 'a' },
  ),
  several: sheet(
    ({ choices, options }) => html`
      <select multiple .value=${choices} @change=${tell('change')}>
        <optgroup label="all">${options.map((each) => html`<option>${each}</option>`)}</optgroup>
      </select>
      ${button('load')}${button('others')}
    `,
    (_, told) => (pressed(told, 'load') ? { options: radios } : pressed(told, 'others') ? { choices: ['b', 'c'] } : {}),
    { choices: ['a', 'c'], options: ['x'] },
  ),
  number: sheet(
    ({ number }) => html`<input type="number" step="any" .value=${number} @input=${tell('input')}>`,
    (_, { data }) => ({ number: Number(data.value) }),
  ),
  reset: sheet(
    ({ text, isOn, choice }) => html`
      <form>
        <input name="text" .value=${text} @input=${tell('text')}>
        <input name="box" type="checkbox" .checked=${isOn} @change=${tell('box')}>
        <select .value=${choice} @change=${tell('choice')}>${radios.map((each) => html`<option>${each}</option>`)}</select>
        <button type="reset">Reset</button>
      </form>
    `,
    ({ text, isOn, choice }, { type, data }) => ({
      text: type === 'text' ? (data.value ?? '') : text,
      isOn: type === 'box' ? data.checked === true : isOn,
      choice: type === 'choice' ? (data.value ?? '') : choice,
    }),
    { text: 'first' },
  ),
  area: sheet(
    ({ text }) => html`<textarea @change=${tell('change')}>${text}</textarea>${button('set')}`,
    (model, told) => (pressed(told, 'set') ? { text: 'from the model' } : setText(model, told)),
    { text: 'first' },
  ),
  /** Everything in a form that is sent, each control with a listener of its own. */
  form: sheet(
    ({ text, isOn, choice, choices }) => html`
      <form @submit=${tell('submit')}>
        <input name="text" .value=${text} @input=${tell('input', 'text')} @change=${tell('change', 'text')}>
        <input name="box" type="checkbox" .checked=${isOn} @change=${tell('change', 'box')}>
        ${radioButtons('change', 'radio', choices[0])}
        <select name="choice" @change=${tell('change', 'choice')}>
          ${radios.map((each) => html`<option .selected=${each === choice}>${each}</option>`)}
        </select>
        <button>Save</button>
      </form>
    `,
    (_, { type, name, data }) => {
      if (type === 'submit') return {};
      if (name === 'text') return { text: data.value ?? '' };
      if (name === 'box') return { isOn: data.checked === true };
      return name === 'radio' ? { choices: [data.value ?? ''] } : { choice: data.value ?? '' };
    },
  ),
  /** The form hears of all that changes in it. */
  formHears: sheet(
    ({ text, isOn }) => html`
      <form @change=${tell('change')}>
        <input name="text" .value=${text}>
        <input name="box" type="checkbox" .checked=${isOn}>
      </form>
      <details ?open=${false}><summary>More</summary>more</details>
    `,
    (_, { data: { fields = {} } }) => ({ text: String(fields.text), isOn: fields.box === 'on' }),
  ),
  typing: sheet(({ text }) => html`<input .value=${text} @input=${tell('input')}>`, setText),
  steps: sheet(
    ({ number }) => html`<button @click=${tell('step')}>${number}</button>`,
    ({ number }) => ({ number: number + 1, log: [] }),
  ),
  image: sheet(
    () => html`<img src="/missing.png" alt="" @error=${tell('error')} @load=${tell('load')}>
    <img src="/there.svg" alt="" @error=${tell('error', 'there')} @load=${tell('load', 'there')}>`,
  ),
  /** Controls that are none of a form's own, and those with states of their own. All is refused. */
  others: sheet(
    ({ text, isOn }) => html`
      <details ?open=${isOn} @toggle=${tell('toggle')}><summary>More</summary>more</details>
      <p contenteditable .textContent=${text} @input=${tell('edit')}></p>
      <input type="checkbox" .indeterminate=${true} @change=${tell('box')}>
      <input type="file" .value=${''} @change=${tell('file')}>
      <input type="color" .value=${'#112233'} @input=${tell('color')}>
      <input type="date" .value=${'2026-01-02'} @change=${tell('date')}>
      <test-field .value=${text} @change=${tell('custom')}></test-field>
      ${button('nothing')}
    `,
    () => ({}),
    { text: 'first' },
  ),
  /** Text that nobody hears, in what somebody may open. */
  folded: sheet(
    ({ isOn }) =>
      html`<details ?open=${isOn}><summary>More</summary>more</details>${button('nothing')}${button('close')}${button('open')}`,
    ({ isOn }, told) => ({ isOn: pressed(told, 'open') || (isOn && !pressed(told, 'close')) }),
  ),
  /** What a browser does by itself at a click, and what is told of it. */
  native: sheet(
    ({ isOn }) => html`
      <form @submit=${tell('submit')}><button @click=${tell('button')}>Save</button></form>
      <label @click=${tell('label')}><input type="checkbox" .checked=${isOn} @change=${tell('box')}> <b>label</b></label>
      <details @toggle=${tell('toggle')}><summary @click=${tell('summary')}>More</summary>more</details>
    `,
    ({ isOn }, { type, data }) => ({ isOn: type === 'box' ? data.checked === true : isOn }),
  ),
  /** What a control shows, said by attributes. All but the text is refused; digits alone are taken of that. */
  attributes: sheet(
    ({ text, isOn, choice }) => html`
      <input name="text" value=${text} @input=${tell('text')}>
      <input name="part" value="Mr ${text}">
      <input name="spread" ...=${{ value: text, title: 'spread' }}>
      <input name="box" type="checkbox" value="1" ?checked=${isOn} @change=${tell('box')}>
      <input name="plain" type="checkbox" checked=${isOn} @change=${tell('box')}>
      ${radios.map((each) => html`<input type="radio" name="r" value=${each} ?checked=${each === choice} @change=${tell('radio')}>`)}
      <select name="options" @change=${tell('select')}>
        ${radios.map((each) => html`<option value=${each} ?selected=${each === choice}>${each}</option>`)}
      </select>
      <select name="value" value=${choice} @change=${tell('select')}>${radios.map((each) => html`<option>${each}</option>`)}</select>
      <textarea value=${text} @input=${tell('area')}></textarea>
      <details open=${isOn} @toggle=${tell('toggle')}><summary>More</summary>more</details>
      ${button('set')}
    `,
    (_, told) =>
      pressed(told, 'set')
        ? { text: '77', isOn: true, choice: 'c' }
        : told.type === 'text'
          ? { text: `${told.data.value}`.replace(/\D/g, '') }
          : {},
    { text: '1' },
  ),
  /** What can be edited, with its text as content; the model has capitals. */
  editable: sheet(
    ({ text }) => html`<p contenteditable @input=${tell('edit')}>${text}</p>${button('set')}`,
    (_, told) => ({ text: pressed(told, 'set') ? 'FROM THE MODEL' : (told.data.value ?? '').toUpperCase() }),
    { text: 'AB' },
  ),
  /** Bounds that change with what they bound, and stand behind it. */
  bounds: sheet(
    ({ isOn }) => html`
      <input name="range" .value=${isOn ? '250' : '150'} type="range" min=${isOn ? 200 : 100} max=${isOn ? 300 : 200}>
      <input name="type" .value=${isOn ? 'words' : '12'} type=${isOn ? 'text' : 'number'} @input=${tell('input')}>
      ${button('set')}
    `,
    ({ isOn }, told) => (pressed(told, 'set') ? { isOn: !isOn } : {}),
  ),
  /** A list whose rows have no names and say nothing but attributes. */
  rows: sheet(
    ({ options }) => html`
      <ul>${options.map((each) => html`<li><input type="checkbox" name="rows" value=${each}></li>`)}</ul>
      <form @change=${tell('change')}>${options.map((each) => html`<p><input type="radio" name="r" value=${each}></p>`)}</form>
    `,
  ),
  twoDebounced: sheet(
    ({ text, choice }) => html`
      <div @input=${on(tell('input'), { debounceMs: 1_000, include: ['target.name'] })}>
        <input name="a" .value=${text}><input name="b" .value=${choice}>
      </div>
    `,
    ({ text, choice }, { data }) =>
      data['target.name'] === 'a' ? { text: data.value ?? '', choice } : { choice: data.value ?? '', text },
    { choice: '' },
  ),
  keys: sheet(
    ({ text }) => html`<input .value=${text} @keydown=${tell('key')}>`,
    (_, { data }) => (data.key === 'Enter' ? { text: '' } : {}),
  ),
};

export type Name = keyof typeof components;
