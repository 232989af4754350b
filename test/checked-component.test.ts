// What development says of an `update` that gives nothing: mostly a text in an event's hole that is no message.

import { expect, test } from 'vitest';
import { checkedComponent } from '../server/checked-component.ts';
import { component, effect, html } from '../shared/index.ts';

test('an update that gives nothing is told with the message that it was given', () => {
  const counter = component<number, { readonly type: 'Up' }>({
    init: () => [0, effect.none],
    update(count, { type }) {
      switch (type) {
        case 'Up':
          return [count + 1, effect.none];
      }
    },
    view: (count) => html`${count}`,
  });
  const { update } = checkedComponent(counter) as typeof counter;
  expect(() => update(0, { type: 'Upp' as 'Up' })).toThrow(
    "update gave nothing for 'Upp': is that one of its messages",
  );
  expect(update(0, { type: 'Up' })[0]).toBe(1);
});
