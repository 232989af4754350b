/*
 * `<server-component route="...">`: the browser's half of a server component. It adopts what the server rendered,
 * joins its actor over the page's connection, reports events and applies patches.
 * Attributes: `route`, `socket` (path of the connection, `/islet` unless told), and whatever the component declares.
 * States, as `:state(...)` and as `islet:state` events: connecting, live, offline, failed.
 */

import type { EmitOptions } from '../shared/effect.ts';
import type { Operation, WireContent, WireListener } from '../shared/patch.ts';
import type { WireDefinition } from '../shared/template/definition.ts';
import type { Shape } from '../shared/tree/encode.ts';
import { adopt } from './adopt.ts';
import { type Channel, type Connection, connectionTo } from './connection.ts';
import { type DomOwner, DomTree } from './dom-tree.ts';
import { readEvent } from './event-data.ts';
import { Fields } from './fields.ts';
import { Timing } from './timing.ts';

export type State = 'connecting' | 'live' | 'offline' | 'failed';

interface PendingEvent {
  readonly frame: readonly unknown[];
  isSent: boolean;
}

// The server takes this many frames as seen before it hears from a quiet client; see docs/protocol.md.
const framesPerAck = 32;
const maxPending = 1_000;

export class ServerComponent extends HTMLElement implements Channel, DomOwner {
  /** What the element shows of its connection. */
  state: State | '' = '';
  readonly #internals = this.attachInternals();
  readonly #timing = new Timing();
  readonly #fields = new Fields();
  readonly #observer = new MutationObserver((records) => this.#sendAttributes(records));
  #connection: Connection | undefined;
  #channel = 0;
  #tree: DomTree | undefined;
  #epoch = '';
  #version = -1;
  #digest: string | undefined;
  #unacknowledged = 0;
  /** Number of the last event that the server said it applied; those behind it wait here. */
  #applied = 0;
  #pending: PendingEvent[] = [];
  #contexts: Map<unknown, unknown> | undefined;

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
    if (!this.#tree) this.#begin();
    this.#show('connecting');
    this.#observer.observe(this, { attributes: true });
    this.#connection = connectionTo(this.getAttribute('socket') ?? '/islet');
    this.#channel = 0;
    this.#channel = this.#connection.add(this);
    this.#join();
  }

  #disconnect(): void {
    this.#timing.flush();
    this.#observer.disconnect();
    this.#connection?.remove(this.#channel);
    this.#connection = undefined;
    this.#pending = [];
    this.#applied = 0;
  }

  #begin(): void {
    const root = this.shadowRoot ?? this.#internals.shadowRoot ?? this;
    const script = root.lastElementChild;
    if (script?.matches('script[type="application/json"]')) {
      try {
        const [epoch, version, digest, nextId, ids, shape, ...definitions] = JSON.parse(script.textContent) as [
          string, number, string, number, 0 | number[], Shape, ...WireDefinition[],
        ];
        this.#tree = new DomTree(root, script, this);
        this.#tree.define(0, definitions);
        if (ids) this.#tree.expectIds(ids);
        adopt(this.#tree, root, shape);
        this.#tree.nextId = nextId;
        [this.#epoch, this.#version, this.#digest] = [epoch, version, digest];
        return;
      } catch {
        // the page is not what the server rendered (a browser extension was faster): start from scratch
        this.#version = -1;
      }
    }
    this.#tree = new DomTree(root, null, this);
  }

  // How the connection reports.

  onOpen(): void {
    this.#join();
  }

  onHello(isResumed: boolean): void {
    if (isResumed) return;
    // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
    this.#drop((event) => event.isSent);
    this.#applied = 0;
  }

  onLost(code: string): void {
    this.#show(code ? 'failed' : 'offline', code);
  }

  onFrame(frame: readonly unknown[]): void {
    const [, kind, ...rest] = frame;
    switch (kind) {
      case 'live':
        this.#settle(rest);
        if (rest[3]) this.#tree?.apply([rest[3] as Operation]);
        this.#resend();
        break;
      case 'mount': {
        const [, , , nextId, ids, define, content] = rest;
        const isSame = rest[0] === this.#epoch;
        this.#settle(rest);
        if (define) this.#tree?.apply([define as Operation]);
        this.#tree?.mount(content as WireContent, ids as number[], nextId as number);
        // another actor's instances have other ids: what was clicked is no longer there
        if (!isSame) this.#drop(() => true);
        this.#resend();
        break;
      }
      case 'refused':
        this.#acknowledgeEvents(rest[2] as number);
        this.#fire('islet:refused', { code: rest[0], message: rest[1] });
        break;
      case 'error':
        this.#show('failed', rest[0] as string);
        break;
      default:
        this.#patch(frame.slice(1));
    }
  }

  // How the tree reports.

  onEvent(instance: number, hole: number, event: Event, listener: WireListener): void {
    const [wantsData, , , flags, ...include] = typeof listener === 'number' ? [listener, 0, 0, ''] : listener;
    if (flags.includes('p') || event.type === 'submit') event.preventDefault();
    if (flags.includes('s')) event.stopPropagation();
    const target = event.target as Element;
    this.#fields.touch(target);
    const data = wantsData || include.length > 0 ? readEvent(event, include as string[]) : undefined;
    this.#timing.run(listenerKey(instance, hole), listener, () => {
      this.#fields.report(target, this.#applied + this.#pending.length + 1);
      this.#send(data === undefined ? [instance, hole] : [instance, hole, data]);
    });
  }

  onProperty(node: Node, name: string, value: unknown): boolean {
    return this.#fields.mayset(node, name, value);
  }

  onEmit(name: string, detail: unknown, options?: EmitOptions): void {
    this.#fire(name, detail, options);
  }

  onProvide(key: string, value: unknown): void {
    if (!this.#contexts) {
      this.#contexts = new Map();
      this.addEventListener('context-request', (event) => this.#answerContext(event as ContextRequest));
    }
    this.#contexts.set(key, value);
  }

  #answerContext(event: ContextRequest): void {
    if (event.target === this || !this.#contexts?.has(event.context)) return;
    event.stopPropagation();
    event.callback(this.#contexts.get(event.context));
  }

  #join(): void {
    if (!this.#channel) return;
    const attributes: Record<string, string> = {};
    for (const { name, value } of this.attributes) if (isReported(name)) attributes[name] = value;
    const have = [this.#epoch, this.#version, this.#tree?.templates.length, this.#digest];
    const frame = [this.#channel, 'join', this.getAttribute('route') ?? '', attributes];
    this.#connection?.send(this.#version < 0 ? frame : [...frame, have]);
  }

  #patch(operations: unknown[]): void {
    if (typeof operations.at(-1) === 'number') this.#acknowledgeEvents(operations.pop() as number);
    if (operations.length === 0) return;
    this.#digest = undefined;
    this.#version++;
    this.#unacknowledged++;
    try {
      this.#tree?.apply(operations as Operation[]);
    } catch {
      // the DOM was changed under us: ask for the whole
      this.#version = -1;
      this.#connection?.remove(this.#channel);
      this.#channel = this.#connection?.add(this) ?? 0;
      this.#join();
    }
    if (this.#unacknowledged >= framesPerAck) this.#acknowledgeFrames();
  }

  #acknowledgeFrames(): void {
    this.#unacknowledged = 0;
    this.#connection?.send([this.#channel, this.#version]);
  }

  #settle([epoch, version, event]: unknown[]): void {
    this.#epoch = epoch as string;
    this.#version = version as number;
    this.#acknowledgeEvents(event as number);
    this.#show('live');
  }

  #send(event: readonly unknown[]): void {
    if (this.#pending.length >= maxPending) {
      this.#fire('islet:refused', { code: 'ISLET_ERR_LIMIT_EVENTS' });
      return;
    }
    const entry = { frame: event, isSent: false };
    this.#pending.push(entry);
    if (this.state === 'live') this.#transmit(entry);
  }

  #transmit(entry: PendingEvent): void {
    entry.isSent = this.#connection?.send([this.#channel, this.#version, ...entry.frame]) ?? false;
    this.#unacknowledged = 0;
  }

  #resend(): void {
    for (const entry of this.#pending) this.#transmit(entry);
  }

  #acknowledgeEvents(event: number): void {
    this.#pending.splice(0, event - this.#applied);
    this.#applied = event;
    this.#fields.settle(event);
  }

  #drop(isLost: (event: PendingEvent) => boolean): void {
    const lost = this.#pending.filter(isLost).length;
    this.#pending = this.#pending.filter((event) => !isLost(event));
    if (lost) this.#fire('islet:dropped', { events: lost });
  }

  #sendAttributes(records: readonly MutationRecord[]): void {
    for (const name of new Set(records.map(({ attributeName }) => attributeName as string))) {
      if (name === 'route' || name === 'socket') {
        this.#disconnect();
        this.#version = -1;
        this.#connect();
        return;
      }
      if (isReported(name) && this.state === 'live') {
        this.#connection?.send([this.#channel, 'attribute', name, this.getAttribute(name)]);
      }
    }
  }

  #show(state: State, code?: string): void {
    if (state === this.state) return;
    const { states } = this.#internals;
    if (this.state) states.delete(this.state);
    states.add((this.state = state));
    this.#fire('islet:state', { state, code });
  }

  #fire(name: string, detail: unknown, options?: EmitOptions): void {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, composed: true, ...options, detail }));
  }
}

interface ContextRequest extends Event {
  readonly context: unknown;
  readonly callback: (value: unknown) => void;
}

function isReported(name: string): boolean {
  return !/^(route|socket|class|style|id|slot|part|hidden)$/.test(name);
}

function listenerKey(instance: number, hole: number): string {
  return `${instance}.${hole}`;
}

if (!customElements.get('server-component')) customElements.define('server-component', ServerComponent);
