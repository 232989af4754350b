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
