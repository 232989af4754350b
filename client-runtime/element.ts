/*
 * `<server-component route="...">`: the browser's half of a server component. It adopts what the server rendered,
 * joins its actor over the page's connection, reports events and applies patches.
 * Attributes: `route`, `socket` (path of the connection, `/islet` unless told), and whatever the component declares.
 * States, as `:state(...)` and as `islet:state` events: connecting, live, offline, failed.
 */

import type { EmitOptions } from '../shared/effect.ts';
import type { Define, Operation, WireContent } from '../shared/patch.ts';
import type { WireDefinition } from '../shared/template/definition.ts';
import type { Shape } from '../shared/tree/encode.ts';
import { adopt } from './adopt.ts';
import { type Channel, type Connection, connectionTo } from './connection.ts';
import { createProvider, type Provide } from './context-provider.ts';
import { type DomOwner, DomTree, type Listener } from './dom-tree.ts';
import { readEvent } from './event-data.ts';
import { createOutbox } from './outbox.ts';
import { createTiming } from './timing.ts';

export type State = 'connecting' | 'live' | 'offline' | 'failed';

type Adoption = [
  epoch: string,
  version: number,
  digest: string,
  nextId: number,
  ids: 0 | number[],
  shape: Shape,
  ...definitions: WireDefinition[],
];

type Joined =
  | [epoch: string, version: number, event: number, ...define: Define[]]
  | [epoch: string, version: number, event: number, ...mounted: Mounted];
type Mounted = [nextId: number, ids: number[], define: Define | null, content: WireContent];
type EmitRest = [name: string, detail: unknown, options?: EmitOptions];

// How often a quiet client acknowledges; see docs/protocol.md.
const framesPerAck = 32;

export class ServerComponent extends HTMLElement implements Channel, DomOwner {
  /** What the element shows of its connection. */
  state: State | '' = '';
  readonly #internals = this.attachInternals();
  readonly #observer = new MutationObserver((records) => this.#noteAttributes(records));
  readonly #outbox = createOutbox((event) => this.#send([this.#version, ...event]));
  readonly onProperty = this.#outbox.maySet;
  readonly #timing = createTiming();
  /** Names of attributes that the server has other texts of. */
  readonly #changed = new Set<string>();
  #connection: Connection | undefined;
  #channel = 0;
  #tree: DomTree | undefined;
  #epoch = '';
  /** Version of what is shown; -1: there is nothing that the server could add to. */
  #version = -1;
  #digest: string | undefined;
  #failure: string | undefined;
  #provide: Provide | undefined;

  connectedCallback(): void {
    // while the document is being parsed, what stands in the element is not all there yet
    if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => this.#connect(), { once: true });
    else this.#connect();
  }

  disconnectedCallback(): void {
    // moved or re-added at once, the island goes on
    queueMicrotask(() => {
      if (!this.isConnected) this.#disconnect();
    });
  }

  /** Called instead of the two above by browsers that move nodes in one step: nothing to do. */
  connectedMoveCallback(): void {}

  #connect(): void {
    if (!this.isConnected || this.#connection) return;
    this.#tree ??= this.#begin();
    this.#show('connecting');
    this.#observer.observe(this, { attributes: true });
    this.#connection = connectionTo(this.getAttribute('socket') ?? '/islet');
    this.#channel = this.#connection.add(this);
    this.onOpen();
  }

  #disconnect(): void {
    this.#timing.flush();
    this.#observer.disconnect();
    this.#connection?.remove(this.#channel);
    this.#connection = undefined;
    this.#outbox.restart(true);
  }

  #begin(): DomTree {
    const root = this.#internals.shadowRoot ?? this;
    root.addEventListener('input', ({ target }) => this.#outbox.touch(target as Element), true);
    const script = root.lastElementChild;
    if (script?.matches('script[type="application/json"]')) {
      try {
        const [epoch, version, digest, nextId, ids, shape, ...definitions] = JSON.parse(script.textContent) as Adoption;
        const tree = new DomTree(root, script, this);
        tree.define(['define', 0, ...definitions]);
        if (ids) tree.expectIds(ids);
        // what was typed before this script ran is newer
        for (const field of root.querySelectorAll<HTMLInputElement>('input,textarea')) {
          if (field.value !== field.defaultValue || field.checked !== field.defaultChecked) this.#outbox.touch(field);
        }
        adopt(tree, root, shape);
        tree.nextId = nextId;
        [this.#epoch, this.#version, this.#digest] = [epoch, version, digest];
        return tree;
      } catch {
        // the page is not what the server rendered (a browser extension was faster): start from scratch
      }
    }
    return new DomTree(root, null, this);
  }

  // How the connection reports.

  onOpen(): void {
    const attributes: Record<string, string> = {};
    for (const { name, value } of this.attributes) if (isReported(name)) attributes[name] = value;
    this.#observer.takeRecords();
    this.#changed.clear();
    const join: unknown[] = ['join', this.getAttribute('route') ?? '', attributes];
    if (this.#version >= 0) {
      join.push(
        [this.#epoch, this.#version, this.#tree?.templates.length, this.#digest].slice(0, this.#digest ? 4 : 3),
      );
    }
    this.#send(join);
  }

  onHello(isResumed: boolean): void {
    if (isResumed) this.#outbox.resume();
    // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
    else this.#drop();
  }

  onLost(code: string): void {
    this.#show(code ? 'failed' : 'offline', code);
  }

  onFrame(frame: readonly unknown[]): void {
    const [, kind, ...rest] = frame;
    if (kind === 'live' || kind === 'mount') this.#join(rest as Joined);
    else if (kind === 'refused') {
      const [code, message, event] = rest;
      this.#outbox.acknowledge(event as number);
      this.#fire('islet:refused', { code, message });
    } else if (kind === 'error') this.#show('failed', rest[0] as string);
    else this.#patch(frame.slice(1));
  }

  // How the tree reports.

  onEvent(instance: number, hole: number, event: Event, listener: Listener): void {
    const [wantsData, , , flags, ...include] = listener;
    if (flags.includes('p') || event.type === 'submit') event.preventDefault();
    if (flags.includes('s')) event.stopPropagation();
    const target = event.target as Element;
    const frame: unknown[] = [instance, hole];
    if (wantsData || include.length > 0) frame.push(readEvent(event, include));
    this.#timing.run(`${instance}.${hole}`, listener, () => {
      const code = this.#failure || (this.#outbox.add(frame, target) ? '' : 'ISLET_ERR_LIMIT_EVENTS');
      if (code) this.#fire('islet:refused', { code });
      else if (this.state === 'live') this.#outbox.flush();
    });
  }

  /** The server says where the island stands, and brings what is missing. */
  #join([epoch, version, event, ...rest]: Joined): void {
    const tree = this.#tree as DomTree;
    if (rest.length > 1) {
      const [nextId, ids, define, content] = rest as Mounted;
      tree.templates = [];
      if (define) tree.define(define);
      tree.mount(content, ids, nextId);
      // another actor's instances have other ids: what was clicked is no longer there
      if (epoch !== this.#epoch) this.#drop(true);
    } else if (rest[0]) tree.define(rest[0] as Define);
    this.#epoch = epoch;
    this.#version = version;
    this.#outbox.acknowledge(event);
    this.#outbox.flush();
    // whoever hears this may cause events: they come after those that waited
    this.#show('live');
    this.#sendAttributes();
  }

  #patch(operations: unknown[]): void {
    // a page that has to be drawn anew waits for that
    if (this.#version < 0) return;
    const event = typeof operations.at(-1) === 'number' ? (operations.pop() as number) : undefined;
    if (operations.length > 0) {
      this.#digest = undefined;
      this.#version++;
      // the server must hear now and then that a quiet client keeps up
      if (this.#version % framesPerAck === 0) this.#send([this.#version]);
      try {
        this.#tree?.apply(operations as Operation[]);
      } catch (error) {
        // the DOM was changed under us: a new connection, without anything to add to, brings the whole
        reportError(error);
        this.#version = -1;
        this.#connection?.restart();
        return;
      }
    }
    if (event !== undefined) this.#outbox.acknowledge(event);
    for (const [kind, ...rest] of operations as Operation[]) {
      if (kind === 'emit') this.#fire(...(rest as EmitRest));
      else if (kind === 'provide') {
        this.#provide ??= createProvider(this);
        this.#provide(rest[0], rest[1]);
      }
    }
  }

  #drop(areAll?: boolean): void {
    const events = this.#outbox.restart(areAll);
    if (events) this.#fire('islet:dropped', { events });
  }

  #send(frame: readonly unknown[]): boolean {
    return this.#connection?.send([this.#channel, ...frame]) ?? false;
  }

  #noteAttributes(records: readonly MutationRecord[]): void {
    for (const { attributeName } of records) {
      const name = attributeName as string;
      if (name === 'route' || name === 'socket') {
        this.#disconnect();
        this.#version = -1;
        this.#connect();
        return;
      }
      if (isReported(name)) this.#changed.add(name);
    }
    this.#sendAttributes();
  }

  #sendAttributes(): void {
    if (this.state !== 'live') return;
    for (const name of this.#changed) this.#send(['attribute', name, this.getAttribute(name)]);
    this.#changed.clear();
  }

  #show(state: State, code?: string): void {
    if (state === this.state) return;
    const { states } = this.#internals;
    states.delete(this.state);
    states.add(state);
    this.state = state;
    this.#failure = code;
    this.#fire('islet:state', { state, code });
  }

  #fire(name: string, detail: unknown, options?: EmitOptions): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, ...options, detail }));
  }
}

function isReported(name: string): boolean {
  return !/^(route|socket|class|style|id|slot|part|hidden)$/.test(name);
}

if (!customElements.get('server-component')) customElements.define('server-component', ServerComponent);
