// Components that write down what their handlers are told, for test/e2e/events.test.ts: each runs on the server and in
// the browser alike. What happens `at` 'switch' turns a part of a view on and off.

import {
  component,
  type EventData,
  effect,
  html,
  keyed,
  type OnOptions,
  on,
  type Template,
} from '../../shared/index.ts';

export interface Heard {
  readonly type: 'Heard';
  readonly at: string;
  readonly data: EventData;
}

interface Model {
  readonly isOn: boolean;
  readonly log: readonly (readonly [at: string, data: EventData])[];
}

const tell = (at: string, options?: OnOptions) => on<Heard>((data) => ({ type: 'Heard', at, data }), options);
const turn = html`<button id="switch" @click=${tell('switch')}>Switch</button>`;

const views: { readonly [name: string]: (isOn: boolean) => Template<Heard> } = {
  keys: () => html`
    <textarea @keydown=${tell('send', { key: 'Enter', preventDefault: true })}></textarea>
    <input @keydown=${tell('key', { key: ['ArrowUp', 'Ctrl+s', 'Shift+F2', '?', 'Space'], preventDefault: true })}>
  `,

  places: (isOn) => html`
    ${turn}
    <p id="all" @click=${tell('self', { self: true })}>text <b>inside</b></p>
    <ul @click=${tell('row', { target: 'li', include: ['target.dataset.row'] })}>
      ${['a', 'b'].map((row) => html`<li data-row=${row}>Row <i>${row}</i></li>`)}
      <hr>
    </ul>
    <div id="once" @click=${tell('once', { once: true })}>once</div>
    <div id="outer" @click=${tell('captured', { capture: true })}>
      <div id="middle" @click=${tell('outer')}>
        <div id="inner" @click=${tell('inner', { stopPropagation: true })}>inner</div>
      </div>
    </div>
    <div id="slow" @wheel=${tell('wheel', { passive: true, include: ['deltaY'] })}>wheel</div>
    ${
      isOn &&
      html`
        <div id="menu" @click=${tell('outside', { outside: true })} @keydown=${tell('escape', { key: 'Escape', window: true })}>
          menu <i>item</i>
          <s @hashchange=${tell('hash', { window: true })} @note=${tell('note', { document: true })}></s>
        </div>
      `
    }
  `,

  forms: (isOn) => html`
    ${turn}
    <form id="all" @change=${tell('change')} @submit=${tell('submit')}>
      <input name="elements" value="x">
      <input type="checkbox" name="genre" value="drama"><input type="checkbox" name="genre" value="comedy">
      <input type="radio" name="target" value="one"><input type="radio" name="target" value="two">
      <select name="closest"><option>a</option><option>b</option></select>
      <select name="many" multiple><option>x</option><option>y</option><option>z</option></select>
      <input name="addEventListener" required value="r">
      <button name="act" value="save">Save</button>
    </form>
    <select id="list" multiple @change=${tell('list')}><option>x</option><option>y</option><option>z</option></select>
    <form id="few" @submit=${tell('few', { fields: ['a'] })}>
      <input name="a" value="1"><input name="b" value="2"><button>Go</button>
    </form>
    <div id="custom" @submit=${tell('custom')}><form id="plain" @submit=${tell('sent')}><input name="q"></form></div>
    <form id="native" action="/sent" target="frame" @submit=${tell('native', { preventDefault: false })}>
      <input name="q" value="native"><button>Send</button>
    </form>
    <form id="unheard" action="/sent" target="frame"><input name="q" value="unheard"><button>Send</button></form>
    <iframe name="frame"></iframe>
    ${isOn && html`<input id="late" autofocus>`}
  `,

  dialogs: () => html`
    <dialog id="one" @close=${tell('close')}>
      <form method="dialog" @submit=${tell('submit')}>
        <button name="answer" value="yes">Yes</button>
      </form>
    </dialog>
    <dialog id="two" @close=${tell('close')}>
      <form id="post" @submit=${tell('submit')}>
        <button formmethod="dialog" value="left">Leave</button><button name="act" value="keep">Keep</button>
      </form>
    </dialog>
    <button form="post" formmethod="dialog" value="far" id="far">Far</button>
    <details @toggle=${tell('toggle')}><summary>More</summary></details>
    <p id="pop" popover @toggle=${tell('popover')}>pop</p>
  `,

  transfer: () => html`
    <input @paste=${tell('paste', { preventDefault: true })}>
    <p id="zone" @dragover=${on(null, { preventDefault: true })} @drop=${tell('drop', { preventDefault: true })}>zone</p>
    <p id="free" contenteditable @input=${tell('free')}></p>
    <div @input=${tell('wrapped')}><p id="wrapped" contenteditable></p></div>
    <input type="file" name="doc" multiple @change=${tell('files')}>
  `,

  images: () => html`
    <img src="/broken.png" alt="" @error=${tell('error')} @load=${tell('load')}>
    <img src="/good.svg" alt="" @error=${tell('error')} @load=${tell('load')}>
  `,

  waiting: () => html`
    <form @submit=${tell('submit')}>
      <input name="a" @input=${tell('a', { debounceMs: 60_000 })}>
      <input name="b" @input=${tell('b', { throttleMs: 60_000 })}>
      <button>Send</button>
    </form>
    <input id="far" form="search" name="c" @input=${tell('c', { debounceMs: 60_000 })}>
    <div @input=${tell('group', { debounceMs: 60_000 })}><input name="d"><input name="e"></div>
    <form id="search" action="/sent" target="frame"><button>Search</button></form>
    <iframe name="frame"></iframe>
  `,

  rows: (isOn) => html`
    ${turn}
    ${keyed(
      isOn ? [1, 2, 3] : [],
      (row) => row,
      (row) => html`<p @pointermove=${tell('move', { window: true })} @scroll=${tell('scroll', { document: true })}
        @pointerup=${tell('up', { outside: true })}>${row}</p>`,
    )}
  `,
};

export const heard = Object.entries(views).map(([name, view]) =>
  component<Model, Heard>({
    name: `heard-${name}`,
    init: () => [{ isOn: false, log: [] }, effect.none],
    update: ({ isOn, log }, { at, data }) => {
      if (at === 'switch') return [{ isOn: !isOn, log }, effect.none];
      const files = data.files?.map(([field, file]) => [field, { name: file.name, size: file.size, type: file.type }]);
      return [{ isOn, log: [...log, [at, files ? ({ ...data, files } as never) : data]] }, effect.none];
    },
    view: ({ isOn, log }) => html`${view(isOn)}<output>${JSON.stringify(log)}</output>`,
  }),
);
