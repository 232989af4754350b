// Components for test/e2e/early.test.ts: each counts clicks and submits, and one stands in the other.

import { component, effect, html } from '../../shared/index.ts';

interface Model {
  readonly clicks: number;
  readonly sent: number;
}
type Message = { readonly type: 'UserClicked' } | { readonly type: 'UserSent' };

const counts = {
  init: () => [{ clicks: 0, sent: 0 }, effect.none] as const,
  update: (model: Model, message: Message) =>
    [
      message.type === 'UserClicked' ? { ...model, clicks: model.clicks + 1 } : { ...model, sent: model.sent + 1 },
      effect.none,
    ] as const,
};

const inside = ({ clicks, sent }: Model) => html`
  <button @click=${{ type: 'UserClicked' }}>Click</button>
  <form @submit=${{ type: 'UserSent' }}><button>Send</button></form>
  <output>${clicks} clicks, ${sent} sent</output>
`;

export const note = component<Model, Message>({ name: 'early-note', ...counts, view: inside });

export const shadowNote = component<Model, Message>({
  name: 'early-shadow',
  ...counts,
  view: inside,
  shadow: 'open',
});

/** A server component or an app that holds a client component, and hears what happens in it too. */
export const outer = component<Model, Message>({
  ...counts,
  view: ({ clicks, sent }) => html`
    <div @click=${{ type: 'UserClicked' }} @submit=${{ type: 'UserSent' }}><early-note></early-note></div>
    <output class="outer">${clicks} clicks, ${sent} sent</output>
  `,
});
