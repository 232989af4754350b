// A component that runs in the browser alone: `islet build` finds it here, and pages that show it get its script.

import { component, effect, html } from 'islet';

type Theme = 'light' | 'dark';

export const themeButton = component<Theme, { type: 'UserSwitched' }>({
  name: 'theme-button',
  init: () => ['light', effect.none],
  update(theme) {
    const next = theme === 'light' ? 'dark' : 'light';
    return [
      next,
      effect.from(() => {
        document.documentElement.style.colorScheme = next;
      }),
    ];
  },
  view: (theme) => html`<button @click=${{ type: 'UserSwitched' }}>${theme === 'light' ? 'Dark' : 'Light'}</button>`,
});
