// Components with controls as browsers, libraries and people really use them, for controls.test.ts: each is shown by a
// server and by a browser.

import { html, keyed, on } from '../../shared/index.ts';
import { button, pressed, sheet, tell } from './field-components.ts';

export const controls = {
  /** Values of which a browser makes others, each told by an event of its own. */
  values: sheet(
    () => html`
      <input type="color" .value=${'#FF0000'} @input=${tell('color')}>
      <input type="range" max="100" .value=${'500'} @input=${tell('range')}>
      <textarea .value=${'a\r\nb'} @input=${tell('area')}></textarea>
      <textarea @input=${tell('area text')}>${'a\r\nb'}</textarea>
      <input .value=${'a\nb'} @input=${tell('line')}>
      <input type="date" .value=${'nonsense'} @input=${tell('date')}>
      <input type="datetime-local" .value=${'2026-01-02 10:00'} @input=${tell('time')}>
      <input type="email" .value=${' a@b.c '} @input=${tell('email')}>
      <input type="number" .value=${'abc'} @input=${tell('number')}>
      <select .value=${'z'} @change=${tell('choice')}><option>a</option></select>
      <select .value=${'z'} @change=${tell('no choice')}></select>
      <select multiple .value=${['a', 'z']} @change=${tell('choices')}><option>a</option><option>b</option></select>
      <p contenteditable @input=${tell('edited')}>${'a  \n b'}</p>
      ${button('nothing')}
    `,
  ),
  date: sheet(
    ({ text, log }) =>
      html`<input type="date" .value=${text} @input=${tell('input')}>${button('nothing')}<b>${log.length}</b>`,
    ({ text }, { type, data }) => ({ text: type === 'input' ? (data.value ?? '') : text }),
  ),
  dialog: sheet(
    ({ isOn }) =>
      html`<dialog ?open=${isOn} @close=${tell('close')}>${button('shut')}</dialog>${button('open')}${button('nothing')}`,
    (_, told) => (pressed(told, 'open') ? { isOn: true } : pressed(told, 'nothing') ? {} : { isOn: false }),
  ),
  /** Of a group of disclosures the browser keeps one open, and the model knows which. */
  group: sheet(
    ({ choice }) => html`
      <details name="g" id="a" ?open=${choice === 'a'} @toggle=${tell('toggle', 'a')}><summary>a</summary>a</details>
      <details name="g" id="b" ?open=${choice === 'b'} @toggle=${tell('toggle', 'b')}><summary>b</summary>b</details>
      <details name="g" id="c" ?open=${choice === 'c'} @toggle=${tell('toggle', 'c')}><summary>c</summary>c</details>
    `,
    ({ choice }, { name, data }) => (data.open ? { choice: name } : choice === name ? { choice: '' } : {}),
  ),
  refusingGroup: sheet(
    () => html`
      <details name="g" id="a" ?open=${true} @toggle=${tell('toggle', 'a')}><summary>a</summary>a</details>
      <details name="g" id="b" ?open=${false} @toggle=${tell('toggle', 'b')}><summary>b</summary>b</details>
    `,
  ),
  rows: sheet(
    ({ options, log }) => html`
      <h1>${log.length}</h1>
      <ul>${keyed(
        options,
        (each) => each,
        (each) => html`<li>${each} <input name=${each}></li>`,
      )}</ul>
      ${button('shift')}${button('push')}
    `,
    ({ options, log }, told) =>
      pressed(told, 'shift') ? { options: options.slice(1) } : { options: [...options, `n${log.length}`] },
  ),
  /** Options without a value. */
  texts: sheet(
    ({ choice, isOn }) => html`
      <select .value=${isOn ? choice.toUpperCase() : choice} @change=${tell('change')}>
        <option>${isOn ? 'A' : 'a'}</option><option>${isOn ? 'B' : 'b'}</option><option>${isOn ? 'C' : 'c'}</option>
      </select>
      ${button('capitals')}
    `,
    ({ isOn }, told) => (pressed(told, 'capitals') ? { isOn: !isOn } : { choice: told.data.value ?? '' }),
    { choice: 'b' },
  ),
  form: sheet(
    ({ text, isOn, log }) => html`
      <h2 class="title ${log.length}">Told ${log.length} times</h2>
      <form @submit=${tell('submit')}>
        <input name="text" .value=${text} @input=${tell('text')}>
        <input name="box" type="checkbox" .checked=${isOn} @change=${tell('box')}>
        <p>Some <b>bold ${log.length}</b> text</p>
        <button>Save</button>
      </form>
    `,
    ({ text, isOn }, { type, data }) => ({
      text: type === 'text' ? (data.value ?? '') : text,
      isOn: type === 'box' ? data.checked === true : isOn,
    }),
  ),
  /** Groups of one name in several forms, and one whose buttons stand outside of theirs. */
  radios: sheet(
    ({ choice, choices }) => html`
      <form id="one">
        <input type="radio" name="r" value="a" .checked=${choice === 'a'} @change=${tell('one')}>
        <input type="radio" name="r" value="b" .checked=${choice === 'b'} @change=${tell('one')}>
      </form>
      <form id="two">
        <input type="radio" name="r" value="a" .checked=${choices[0] === 'a'} @change=${tell('two')}>
        <input type="radio" name="r" value="b" .checked=${choices[0] === 'b'} @change=${tell('two')}>
      </form>
      <form id="three" @submit=${tell('three')}><button>Send</button></form>
      <input form="three" type="radio" name="r" value="a" .checked=${true}>
      <input form="three" type="radio" name="r" value="b" .checked=${false}>
      ${button('nothing')}
    `,
    ({ choice }, { type, data }) => ({ choice: type === 'one' ? (data.value ?? '') : choice }),
  ),
  disabled: sheet(
    ({ isOn }) => html`
      <form @submit=${tell('submit')}>
        <fieldset ?disabled=${isOn}><input name="text" .value=${''}><button>Send</button></fieldset>
        <button class="other">Send the rest</button>
      </form>
      ${button('turn')}
    `,
    ({ isOn }, told) => ({ isOn: pressed(told, 'turn') ? !isOn : isOn }),
  ),
  words: sheet(({ log }) => html`<button @click=${tell('click')}>Pressed <i>${log.length}</i> times</button>`),
  login: sheet(
    ({ text, choice }) => html`
      <form @input=${on(tell('input'), { debounceMs: 1_000 })} @submit=${tell('submit')}>
        <input name="user" .value=${text} autocomplete="username">
        <input type="password" name="pass" .value=${choice} autocomplete="current-password">
        <button>Log in</button>
      </form>
    `,
    (_, { data: { fields = {} } }) => ({ text: String(fields.user), choice: String(fields.pass) }),
    { choice: '' },
  ),
  buttons: sheet(
    () => html`
      <form @submit=${tell('submit')}>
        <input name="text" required>
        <button name="do" value="first">First</button>
        <button name="do" value="second" formaction="/elsewhere" formmethod="post" formnovalidate>Second</button>
      </form>
    `,
  ),
  two: sheet(
    ({ text, choice }) => html`
      <input name="one" .value=${text} @input=${tell('one')}><input name="two" .value=${choice} @input=${tell('two')}>
    `,
    (_, { type, data: { value = '' } }) => (type === 'one' ? { text: value } : { choice: value }),
    { text: 'some words', choice: '' },
  ),
  /** What browsers let a list of choices hold since 2025. */
  rich: sheet(
    ({ choice, options }) => html`
      <select .value=${choice} @change=${tell('change')}>
        <button><selectedcontent></selectedcontent></button>
        ${options.map((each) => html`<option value=${each}><b>${each}</b> more</option>`)}
      </select>
    `,
    (_, { data: { value = '' } }) => (value === 'b' ? { choice: value } : {}),
  ),
  several: sheet(
    ({ options, choices }) => html`
      <select multiple .value=${choices} @change=${tell('value')}>
        <optgroup label="all">${keyed(
          options,
          (each) => each,
          (each) => html`<option>${each}</option>`,
        )}</optgroup>
      </select>
      <select multiple @change=${tell('selected')}>
        <optgroup label="all">${keyed(
          options.map((each) => ({ each, isOn: choices.includes(each) })),
          ({ each }) => each,
          ({ each, isOn }) => html`<option .selected=${isOn}>${each}</option>`,
        )}</optgroup>
      </select>
      ${button('turn')}
    `,
    ({ options }, told) =>
      pressed(told, 'turn') ? { options: options.toReversed() } : { choices: told.data.values ?? [] },
    { choices: ['a', 'c'] },
  ),
  slider: sheet(
    ({ text }) => html`<input type="range" .value=${text} @change=${tell('change')}>${button('ninety')}`,
    (_, told) => ({ text: pressed(told, 'ninety') ? '90' : (told.data.value ?? '') }),
    { text: '10' },
  ),
  native: sheet(
    () => html`
      <p hidden="until-found" @beforematch=${tell('found')}>needle</p>
      <div id="menu" popover @toggle=${tell('toggle')}>menu</div>
      <button popovertarget="menu">Open</button>
      <input @keydown=${on(tell('key'), { key: 'a', include: ['repeat'] })}>
    `,
  ),
  /** A widget of somebody else draws itself in the form. */
  widget: sheet(
    ({ text }) =>
      html`<form @change=${tell('change')}><div data-islet-own id="widget"></div><input name="text" .value=${text}></form>`,
    (_, { data: { fields = {} } }) => ({ text: String(fields.text) }),
  ),
  digits: sheet(
    ({ text }) => html`<input .value=${text} @input=${tell('input')}>`,
    (_, { data }) => ({ text: (data.value ?? '').replace(/\D/g, '') }),
  ),
};

export type ControlName = keyof typeof controls;
