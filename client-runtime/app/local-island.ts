/*
 * An island without a socket: a component's actor, its rendering and its DOM in one place, for `register` and `start`.
 * Input: messages, and events of its DOM. Output: the same patches that a server would send, applied at once, many
 * messages in one. A failure stays here: the island starts again from its last good model, as on the server.
 */

import type { AnyComponent } from '../../shared/language/component.ts';
import type { EmitOptions } from '../../shared/language/effect.ts';
import type { Client } from '../../shared/language/events.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { Island, type IslandOwner } from '../../shared/runtime/runtime.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import type { Listener } from '../../shared/wire/listener.ts';
import { isDefine, type Patch } from '../../shared/wire/patch.ts';
import { adopt } from '../dom/adopt.ts';
import { compile, toDomTemplate } from '../dom/compile.ts';
import { createDomTree, type DomOwner, type DomTemplate, type DomTree } from '../dom/dom-tree.ts';
import { readEvent } from '../dom/event-data.ts';
import { findTyped, replay } from '../dom/replay.ts';
import { findDifferences } from '../dom/settle.ts';
import { createTiming } from '../dom/timing.ts';

/** The element or page that the island belongs to. */
export interface LocalOwner {
  onEmit(name: string, detail: unknown, options?: EmitOptions): void;
  onProvide(key: string, value: unknown): void;
  /** The DOM shows this model now. What it throws is the island's failure. */
  onRendered(model: unknown): void;
  /** What stood in the root was not what the component shows: it was replaced. */
  onReplaced?(found: readonly Node[]): void;
  /** `failed` from a failure on until the island has rendered again, which it may never do. */
  onState(state: 'live' | 'failed'): void;
}

/** Who causes events here: the person in front of the page. */
export const localClient: Client = { id: 'local', user: null };

// As the server restarts its actors (server/options.ts).
const maxFailures = 5;
const windowMs = 60_000;
const backoffMs = 100;

/** What all islands of a component share, so that each template is parsed once. */
interface Templates {
  readonly table: TemplateTable;
  readonly dom: DomTemplate[];
}

const templatesOf = new WeakMap<AnyComponent, Templates>();

export class LocalIsland implements IslandOwner, DomOwner {
  readonly #island: Island;
  readonly #tree: DomTree;
  readonly #root: ParentNode & Node;
  readonly #owner: LocalOwner;
  readonly #templates: Templates;
  readonly #timing = createTiming();
  #isScheduled = false;
  /** The snapshot that is shown. */
  #shown: unknown;
  #hasFailed = false;
  #failures: number[] = [];
  #restart: ReturnType<typeof setTimeout> | undefined;
  /** What happened while a restart was due. */
  #waiting: (() => void)[] = [];
  #emitted: Parameters<LocalOwner['onEmit']>[] = [];
  /** Effects of `init`, until there is something to see. */
  readonly #due: (() => void)[] = [];
  /** Fields that keep what they hold while the page is adopted. */
  #typed: readonly Element[] = [];
  /** Tells what a person did before the page was adopted. */
  #replay: (() => void) | undefined;
  /** The field in which a word is being composed, and what it is to be set to when that is done. */
  #composing: EventTarget | null = null;
  #composed: (() => void) | undefined;

  /** @param root Its content is adopted if it is what the component shows at first; else it is replaced. */
  constructor(component: AnyComponent, props: unknown, root: ParentNode & Node, owner: LocalOwner) {
    const templates = templatesOf.get(component) ?? { table: new TemplateTable(), dom: [] };
    templatesOf.set(component, templates);
    this.#templates = templates;
    this.#root = root;
    this.#owner = owner;
    this.#island = new Island({ component, props, compile, table: templates.table, owner: this, root });
    this.#tree = createDomTree(root, null, this);
    this.#tree.templates = templates.dom;
    root.addEventListener('compositionstart', ({ target }) => {
      this.#composing = target;
    });
    root.addEventListener('compositionend', () => {
      this.#composing = null;
      this.#composed?.();
      this.#composed = undefined;
    });
  }

  /** Starts the actor; after a stop or a failure with the last model that was shown. */
  start(): void {
    this.#restart = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#island.start();
    for (const action of waiting) this.#whenRunning(action);
  }

  /** Stops the actor and its effects. What is shown stays. */
  stop(): void {
    this.#timing.flush();
    this.flush();
    clearTimeout(this.#restart);
    this.#restart = undefined;
    this.#island.stop();
  }

  dispatch(message: AnyMessage): void {
    this.#whenRunning(() => this.#island.dispatch(message));
  }

  /** Dispatches a message that has yet to be made, perhaps none. What making it throws is the island's failure. */
  tell(toMessage: () => AnyMessage | null | undefined): void {
    this.#whenRunning(() => {
      try {
        const message = toMessage();
        if (message) this.#island.dispatch(message);
      } catch (error) {
        this.#island.fail(error);
      }
    });
  }

  /** Shows now what is due. */
  flush(): void {
    this.#isScheduled = false;
    const { rendering } = this.#island;
    const wasRendered = rendering.isRendered;
    this.#island.render((patch, snapshot) => {
      if (wasRendered) this.#patch(patch);
      else this.#mount();
      if (snapshot !== this.#shown) this.#owner.onRendered(this.#island.component.logic.modelOf(snapshot));
      this.#shown = snapshot;
      this.#show(false);
      for (const emitted of this.#emitted.splice(0)) this.#owner.onEmit(...emitted);
      for (const run of this.#due.splice(0)) run();
      // behind the effects of `init`, which hear what it causes
      if (this.#replay) queueMicrotask(this.#replay);
      this.#replay = undefined;
    });
  }

  // How the island reports.

  onChange(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => this.flush());
  }

  onEmit(...emitted: Parameters<LocalOwner['onEmit']>): void {
    // as from a server: whoever hears it finds the DOM that goes with it
    this.#emitted.push(emitted);
    this.onChange();
  }

  onProvide(key: string, value: unknown): void {
    // at once, so that what is rendered next finds it
    this.#owner.onProvide(key, value);
  }

  onFailure(error: unknown): void {
    const { name = 'component' } = this.#island.component;
    console.error(`islet: ${name} failed`, error);
    const now = performance.now();
    this.#failures = [...this.#failures.filter((at) => now - at < windowMs), now];
    const count = this.#failures.length;
    this.#emitted = [];
    if (count <= maxFailures) this.#restart = setTimeout(() => this.start(), backoffMs * 2 ** (count - 1));
    this.#show(true);
  }

  contain(run: () => unknown): unknown {
    // what stands there is what the component shows at first: it is adopted before any effect can change that
    if (this.#shown !== undefined || !this.#root.firstChild) return run();
    return new Promise<void>((resolve) => this.#due.push(resolve)).then(run);
  }

  // How the DOM reports.

  onEvent(instance: number, hole: number, event: Event, listener: Listener): void {
    const { wantsData, preventDefault, stopPropagation, include } = listener;
    if (preventDefault || event.type === 'submit') event.preventDefault();
    if (stopPropagation) event.stopPropagation();
    const data = wantsData ? readEvent(event, include) : {};
    this.#timing.run(`${instance}.${hole}`, listener, () => {
      this.#whenRunning(() => this.#island.handleEvent(instance, hole, data, localClient));
    });
  }

  onMisfit(_instance: number, error: unknown): void {
    throw error;
  }

  onProperty(node: Node, name: string, value: unknown): boolean {
    if (node === this.#composing) {
      this.#composed = () => this.#tree.setProperty(node, name, value);
      return false;
    }
    return !this.#typed.includes((node as Element).closest('select') ?? (node as Element));
  }

  /** What happens to an island that was given up is lost. */
  #whenRunning(action: () => void): void {
    if (this.#island.isRunning) action();
    else if (this.#restart) this.#waiting.push(action);
  }

  #mount(): void {
    const { rendering } = this.#island;
    const ids = rendering.toIds();
    this.#define();
    const found = [...this.#root.childNodes];
    if (this.#shown === undefined && found.length > 0) {
      const typed = findTyped(this.#root);
      this.#typed = typed;
      try {
        adopt(this.#tree, { shape: rendering.toShape(), ids, nextId: rendering.nextId });
        this.#tree.apply(findDifferences(this.#tree, rendering.toMount()));
        this.#replay = () => replay(this.#root, typed);
        return;
      } catch {
        // it stood there for those without scripts, or another version rendered it
      } finally {
        this.#typed = [];
      }
    }
    this.#root.replaceChildren();
    this.#tree.mount(rendering.toMount(), ids, rendering.nextId);
    if (found.length > 0) this.#owner.onReplaced?.(found);
  }

  #patch(patch: Patch): void {
    try {
      this.#define();
      this.#tree.apply(patch.filter((operation) => !isDefine(operation)));
    } catch {
      // somebody else changed the DOM
      this.#mount();
    }
  }

  #define(): void {
    const { table, dom } = this.#templates;
    for (const definition of table.definitions.slice(dom.length)) dom.push(toDomTemplate(definition));
  }

  #show(hasFailed: boolean): void {
    if (hasFailed === this.#hasFailed) return;
    this.#hasFailed = hasFailed;
    this.#owner.onState(hasFailed ? 'failed' : 'live');
  }
}
