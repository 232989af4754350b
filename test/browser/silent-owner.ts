// Who owns a tree of which only the DOM is asked: nobody hears what happens in it, and what does not fit throws.

import type { DomOwner } from '../../client-runtime/dom/dom-tree.ts';

export const silentOwner: DomOwner = {
  onEvent() {},
  onProperty: () => true,
  onTaken() {},
  onTorn() {},
  onMisfit(_instance, error) {
    throw error;
  },
};
