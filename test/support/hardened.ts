// Components whose views take more than text, for pages with a strict Content-Security-Policy.

import { component, effect, html, svg, unsafeHtml } from '../../shared/index.ts';

interface Message {
  readonly type: 'UserClicked';
}

/** All that takes more than text: styles, markup, attributes of objects, data, templates that come later. */
const view = (count: number) => html`
  <p style=${{ color: count % 2 ? 'rgb(255, 0, 0)' : 'rgb(0, 0, 255)' }} class=${{ odd: count % 2 }}>${count}</p>
  <i style="color: ${count % 2 ? 'rgb(255, 0, 0)' : 'rgb(0, 0, 255)'}"></i>
  <b ...=${{ style: { color: count % 2 ? 'rgb(255, 0, 0)' : 'rgb(0, 0, 255)' }, title: `${count}` }}></b>
  <u>${count > 0 ? html`<em style=${'color: rgb(0, 128, 0)'}>later</em>` : null}</u>
  <s>${unsafeHtml(`<q>${count}</q>`)}</s>
  <svg viewBox="0 0 1 1"><title>${count} circles</title>${svg`<circle r=${count} />`}</svg>
  <button @click=${{ type: 'UserClicked' }}>Click</button>
`;

const definition = {
  init: () => [0, effect.none] as const,
  update: (count: number, _: Message) => [count + 1, effect.none] as const,
  view,
};
export const onServer = component<number, Message>(definition);
export const inBrowser = component<number, Message>({ ...definition, name: 'in-browser' });
export const inShadow = component<number, Message>({
  ...definition,
  name: 'in-shadow',
  shadow: { mode: 'open', styles: ['p { font-weight: 900 }'] },
});

interface FormMessage {
  readonly type: 'UserTyped' | 'UserTicked' | 'UserSent';
  readonly text?: string;
}

interface FormModel {
  readonly text: string;
  readonly isOn: boolean;
  readonly sent: readonly string[];
}

/** A form that corrects what is typed, and shows with a style of its own what was sent. */
export const liveForm = component<FormModel, FormMessage>({
  init: () => [{ text: '', isOn: false, sent: [] }, effect.none],
  update: (model, { type, text = '' }) => {
    if (type === 'UserTyped') return [{ ...model, text: text.replace(/\D/g, '') }, effect.none];
    if (type === 'UserTicked') return [{ ...model, isOn: !model.isOn }, effect.none];
    return [{ text: '', isOn: false, sent: [...model.sent, text] }, effect.none];
  },
  view: ({ text, isOn, sent }) => html`
    <form @submit=${({ fields = {} }) => ({ type: 'UserSent', text: JSON.stringify(fields) })}>
      <input name="digits" .value=${text} @input=${({ value = '' }) => ({ type: 'UserTyped', text: value })}>
      <input name="box" type="checkbox" .checked=${isOn} @change=${{ type: 'UserTicked' }}>
      <select name="size" .value=${'b'}><option>a</option><option>b</option></select>
      <button style=${{ color: isOn ? 'rgb(255, 0, 0)' : 'rgb(0, 0, 255)' }}>Send</button>
    </form>
    <ul>${sent.map((each) => html`<li style="color: ${'rgb(0, 128, 0)'}">${each}</li>`)}</ul>
  `,
});
