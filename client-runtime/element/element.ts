/*
 * `islet/client/element`, and `/islet/element.js`: `<server-component route="...">`, the element of a server component.
 * Importing it defines it. What runs it is `remote-island.ts`; here is only what makes it an element: when it comes and
 * goes, its attributes, its states, and what it tells the page.
 * Attributes: `route`, `socket` (where the connection is, unless a `<meta name="islet">` or the script's own address
 * says so), and whatever the component declares.
 * States, as `:state(...)` and as `islet:state` events: connecting, live, saving, offline, failed; and as `:state(...)`
 * alone `pending`: an event is under way.
 */

import type { Provide } from '../dom/context-provider.ts';
import '../dom/load-parts.ts';
import { words } from '../dom/parts.ts';
import { record } from '../dom/record.ts';
import type { BeginPrediction } from './predictor.ts';
import { createRemoteIsland, type RemoteIsland, type RemoteOwner, type State } from './remote-island.ts';

declare global {
  interface CustomElementRegistry {
    /** Those in the page, wherever they stand: in shadow roots, too. */
    isletIslands?: Set<ServerComponent>;
  }
}

/** The element of a server component: `<server-component route="...">`. */
class ServerComponent extends HTMLElement implements RemoteOwner {
  /** What the element shows of its connection. */
  state: State | '' = '';
  readonly #internals = this.attachInternals();
  #provide: Promise<Provide> | undefined;
  #island: RemoteIsland | undefined;

  connectedCallback(): void {
    customElements.isletIslands?.add(this);
    // while the document is being parsed, what stands in the element is not all there yet
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => this.#connect());
    else this.#connect();
  }

  disconnectedCallback(): void {
    // moved or re-added at once, the island goes on
    queueMicrotask(() => {
      if (this.isConnected) return;
      customElements.isletIslands?.delete(this);
      this.#island?.disconnect();
    });
  }

  /** Has its events answered in the page; `predict` of `islet/client` calls it. */
  predict(begin: BeginPrediction): void {
    void this.#island?.predict(begin);
  }

  onState(state: State, code?: string): void {
    const { states } = this.#internals;
    states.delete(this.state);
    states.add(state);
    this.state = state;
    // nobody else may be listening
    if (state === 'failed') console.warn('islet:state', this.getAttribute('route'), state, code);
    this.onEmit('islet:state', { state, code });
  }

  // who asked before there was an answer asks again
  readonly onProvide = (key: string, value: unknown): void => {
    this.#provide ??= import('../dom/context-provider.ts').then(({ createProvider }) => createProvider(this));
    void this.#provide.then((provide) => provide(key, value));
  };

  readonly onPending = (isPending: boolean): void => {
    this.#internals.states[isPending ? 'add' : 'delete']('pending');
  };

  onEmit(name: string, detail: unknown, options?: EventInit): boolean {
    return this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, ...options, detail }));
  }

  #connect(): void {
    if (!this.isConnected) return;
    const root = this.#internals.shadowRoot ?? this;
    const island = this.#island ?? createRemoteIsland(this, root);
    if (island instanceof Promise) this.#wait(root, island);
    else {
      this.#island = island;
      island.connect();
    }
  }

  /** What happens until all is there that it takes is recorded, and heard then. */
  #wait(root: Element | ShadowRoot, loading: Promise<void>): void {
    this.onState('connecting');
    loading.then(
      () => this.#connect(),
      () => {
        root.textContent = words;
        this.onState('failed', 'ISLET_ERR_SCRIPT');
      },
    );
  }
}

customElements.isletEarly ??= record();
customElements.isletIslands ??= new Set();

export type { ServerComponent };

if (!customElements.get('server-component')) customElements.define('server-component', ServerComponent);
