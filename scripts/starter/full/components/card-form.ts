// The form of one person: what is typed, and what is wrong with it, nobody else sees.

import { component, effect, html, on } from 'islet';
import type { Data } from '../data.ts';

export interface Model {
  readonly user: string;
  readonly title: string;
  readonly problem: string | null;
}

export type Message = { type: 'UserTyped'; title: string } | { type: 'UserSent'; title: string };

const longest = 80;

export function createCardForm(data: Pick<Data, 'addCard'>) {
  return component<Model, Message, { readonly user: string }>({
    init: ({ user }) => [{ user, title: '', problem: null }, effect.none],
    update(model, message) {
      const title = message.title.trim();
      if (message.type === 'UserTyped') return [{ ...model, title: message.title, problem: null }, effect.none];
      if (title === '') return [{ ...model, problem: 'A card needs a title.' }, effect.none];
      if (title.length > longest)
        return [{ ...model, problem: `A title has ${longest} characters at most.` }, effect.none];
      return [{ ...model, title: '', problem: null }, effect.attempt(() => data.addCard(title, model.user))];
    },
    view: ({ title, problem }) => html`
      <form class="stack" @submit=${on(({ fields }) => ({ type: 'UserSent', title: fields.title }), { fields: ['title'] })}>
        <label>
          Title
          <input name="title" .value=${title} @input=${({ value = '' }) => ({ type: 'UserTyped', title: value })}>
        </label>
        ${problem !== null && html`<p role="alert">${problem}</p>`}
        <button>Add</button>
      </form>
    `,
  });
}
