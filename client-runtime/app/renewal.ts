/*
 * Where development joins in to have another version of a component take the place of one that runs. `renew.ts` fills
 * it in; in production it stays empty.
 */

import type { AnyComponent } from '../../shared/language/component.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import type { DomTree } from '../dom/dom-tree.ts';
import type { Fields } from '../dom/fields.ts';
import type { LocalIsland, LocalOwner } from './local-island.ts';
import type { App } from './start.ts';

/** An island, and what is inside of it. */
export interface Begun {
  readonly island: LocalIsland;
  readonly component: AnyComponent;
  readonly props: unknown;
  readonly root: ParentNode & Node;
  readonly tree: DomTree;
  readonly fields: Fields;
  readonly owner: LocalOwner;
}

export interface Renewal {
  /** An island that runs here was made. */
  begun?: (begun: Begun) => void;
  /**
   * An element was defined. @param replace Has elements that begin from now on be those of another version, run by the
   * copy of this code that came with it: of values of its classes, another copy knows nothing.
   */
  defined?: (component: AnyComponent, replace: (next: AnyComponent, island: typeof LocalIsland) => void) => void;
  /** Another version of an element's component is registered; true: those that run become that. */
  renew?: (component: AnyComponent) => boolean;
  /** Gives the app that runs in an element already, if that becomes the one that is started now. */
  restart?: (component: AnyComponent, root: Element) => App<AnyMessage> | undefined;
}

export const renewal: Renewal = {};
