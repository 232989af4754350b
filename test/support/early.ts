// Components for test/e2e/early.test.ts: each counts clicks, submits and images that failed, and one stands in the other.

import { component, effect, html } from '../../shared/index.ts';

interface Model {
  readonly clicks: number;
  readonly sent: number;
  readonly failed: number;
}
type Message = { readonly type: 'UserClicked' | 'UserSent' | 'ImageFailed' };
const fields = { UserClicked: 'clicks', UserSent: 'sent', ImageFailed: 'failed' } as const;

const counts = {
  init: () => [{ clicks: 0, sent: 0, failed: 0 }, effect.none] as const,
  update: (model: Model, { type }: Message) =>
    [{ ...model, [fields[type]]: model[fields[type]] + 1 }, effect.none] as const,
};

const show = ({ clicks, sent, failed }: Model): string => `${clicks} clicks, ${sent} sent, ${failed} failed`;

const inside = (model: Model) => html`
  <button @click=${{ type: 'UserClicked' }}>Click</button>
  <form @submit=${{ type: 'UserSent' }}><button>Send</button></form>
  <img src="/none.png" alt="" @error=${{ type: 'ImageFailed' }}>
  <output>${show(model)}</output>
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
  view: (model) => html`
    <div @click=${{ type: 'UserClicked' }} @submit=${{ type: 'UserSent' }}>
      <early-note @error=${{ type: 'ImageFailed' }}></early-note>
    </div>
    <output class="outer">${show(model)}</output>
  `,
});
