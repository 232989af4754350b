/*
 * An island whose component runs on the server: adopts what the server rendered, joins over the page's connection,
 * reports events and applies patches. Input: frames, and events of its DOM. Output: the same, the other way.
 * `docs/protocol.md` says in words what is sent.
 */

import type { EmitOptions } from '../../shared/language/effect.ts';
import type { WireDefinition } from '../../shared/template/definition.ts';
import type { Shape } from '../../shared/tree/encode.ts';
import type { Define, Operation, WireContent } from '../../shared/wire/patch.ts';
import { framesPerAck } from '../../shared/wire/protocol.ts';
import { adopt } from '../dom/adopt.ts';
import { type DomOwner, DomTree } from '../dom/dom-tree.ts';
import { readEvent } from '../dom/event-data.ts';
import { createTiming } from '../dom/timing.ts';
import { type Channel, type Connection, connectionTo } from './connection.ts';
import { createOutbox } from './outbox.ts';

export type State = 'connecting' | 'live' | 'offline' | 'failed';

/** The element that the island belongs to. */
export interface RemoteOwner extends Element {
  readonly state: State | '';
  onEmit(name: string, detail: unknown, options?: EmitOptions): void;
  onProvide(key: string, value: unknown): void;
  /** `code` says why it failed. */
  onState(state: State, code?: string): void;
}

export interface RemoteIsland {
  connect(): void;
  disconnect(): void;
}

type Adoption = [
  epoch: string,
  version: number,
  digest: string,
  nextId: number,
  ids: 0 | number[],
  shape: Shape,
  ...definitions: WireDefinition[],
];
type Joined = [epoch: string, version: number, event: number, ...missing: [Define?] | Mounted];
type Mounted = [nextId: number, ids: number[], define: Define | null, content: WireContent];

/** @param root What the island is drawn into; what the server rendered there is adopted. */
export function createRemoteIsland(element: RemoteOwner, root: Element | ShadowRoot): RemoteIsland {
  let connection: Connection | undefined;
  let channel = 0;
  let failure: string | undefined;
  let epoch = '';
  /** Version of what is shown; -1: there is nothing that the server could add to. */
  let version = -1;
  /** Of what the server rendered, while that is still shown; else empty. */
  let digest = '';
  /** Names of attributes that the server has other texts of. */
  const changed = new Set<string>();
  const timing = createTiming();
  const outbox = createOutbox(root, (event) => send([version, ...event]));

  const send = (frame: readonly unknown[]): boolean => connection?.send([channel, ...frame]) ?? false;

  const show = (next: State, code?: string): void => {
    failure = code;
    if (element.state !== next) element.onState(next, code);
  };

  const drop = (areAll?: boolean): void => {
    const events = outbox.restart(areAll);
    if (events) element.onEmit('islet:dropped', { events });
  };

  const observer = new MutationObserver((records) => {
    for (const { attributeName } of records) {
      const name = attributeName as string;
      if (name === 'route' || name === 'socket') {
        island.disconnect();
        version = -1;
        island.connect();
        return;
      }
      if (isReported(name)) changed.add(name);
    }
    sendAttributes();
  });

  const sendAttributes = (): void => {
    if (element.state !== 'live') return;
    for (const name of changed) send(['attribute', name, element.getAttribute(name)]);
    changed.clear();
  };

  /** The server says where the island stands, and brings what is missing. */
  const settle = ([nextEpoch, nextVersion, event, ...missing]: Joined): void => {
    if (missing.length > 1) {
      const [nextId, ids, define, content] = missing as Mounted;
      if (define) {
        // it tells all there are; those that are the same stay
        tree.templates.length = define.length - 2;
        tree.define(define);
      }
      try {
        tree.mount(content, ids, nextId, version >= 0);
      } catch {
        tree.mount(content, ids, nextId);
      }
      // another actor's instances have other ids: what was clicked is no longer there
      if (epoch !== nextEpoch) drop(true);
    } else if (missing[0]) tree.define(missing[0] as Define);
    epoch = nextEpoch;
    version = nextVersion;
    outbox.acknowledge(event);
    outbox.flush();
    // whoever hears this may cause events: they come after those that waited
    show('live');
    sendAttributes();
  };

  const patch = (operations: unknown[]): void => {
    // a page that has to be drawn anew waits for that
    if (version < 0) return;
    // operations are arrays; behind them may stand the number of an event
    const event = Array.isArray(operations.at(-1)) ? 0 : (operations.pop() as number | undefined);
    if (operations.length > 0) {
      digest = '';
      version++;
      // the server must hear now and then that a quiet client keeps up
      if (version % framesPerAck === 0) send([version]);
      try {
        tree.apply(operations as Operation[]);
      } catch (error) {
        // the DOM was changed under us: a new connection, without anything to add to, brings the whole
        reportError(error);
        version = -1;
        connection?.restart();
        return;
      }
    }
    if (event) outbox.acknowledge(event);
    for (const [kind, ...rest] of operations as Operation[]) {
      if (kind === 'emit') element.onEmit(...(rest as Parameters<RemoteOwner['onEmit']>));
      else if (kind === 'provide') element.onProvide(...(rest as Parameters<RemoteOwner['onProvide']>));
    }
  };

  const island: Channel & DomOwner & RemoteIsland = {
    connect() {
      if (connection) return;
      show('connecting');
      observer.observe(element, { attributes: true });
      connection = connectionTo(element.getAttribute('socket') ?? '/islet');
      channel = connection.add(island);
      island.onOpen();
    },

    disconnect() {
      timing.flush();
      observer.disconnect();
      connection?.remove(channel);
      connection = undefined;
      outbox.restart(true);
    },

    // How the connection reports.

    onOpen() {
      const attributes: Record<string, string> = {};
      for (const { name, value } of element.attributes) if (isReported(name)) attributes[name] = value;
      changed.clear();
      const join: unknown[] = ['join', element.getAttribute('route') ?? '', attributes];
      if (version >= 0) join.push([epoch, version, tree.templates.length, ...(digest && [digest])]);
      send(join);
    },

    onHello(isResumed) {
      if (isResumed) outbox.resume();
      // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
      else drop();
    },

    onLost(code) {
      show(code ? 'failed' : 'offline', code);
    },

    onFrame([, ...body]) {
      const [kind, ...rest] = body;
      if (kind === 'live' || kind === 'mount') settle(rest as Joined);
      else if (kind === 'refused') {
        const [code, message, event] = rest;
        outbox.acknowledge(event as number);
        element.onEmit('islet:refused', { code, message });
      } else if (kind === 'error') show('failed', rest[0] as string);
      else patch(body);
    },

    // How the tree reports.

    onEvent(instance, hole, event, listener) {
      const [wantsData, , , flags, ...include] = listener;
      if (flags.includes('p') || event.type === 'submit') event.preventDefault();
      if (flags.includes('s')) event.stopPropagation();
      const target = event.target as Element;
      const frame: unknown[] = [instance, hole];
      if (wantsData || include[0]) frame.push(readEvent(event, include));
      timing.run(`${instance}.${hole}`, listener, () => {
        const code = failure || (outbox.add(frame, target) ? '' : 'ISLET_ERR_LIMIT_EVENTS');
        if (code) element.onEmit('islet:refused', { code });
        else if (element.state === 'live') outbox.flush();
      });
    },

    onProperty: outbox.maySet,
  };

  const adoptTree = (): DomTree => {
    try {
      const script = root.lastElementChild as Element;
      const adoption = JSON.parse(script.textContent) as Adoption;
      const [, , , nextId, ids, shape, ...definitions] = adoption;
      const adopted = new DomTree(root, script, island);
      adopted.define(['define', 0, ...definitions]);
      adopt(adopted, shape, ids, nextId);
      [epoch, version, digest] = adoption;
      return adopted;
    } catch {
      // not from the server, or changed since (a browser extension was faster): start from scratch
      return new DomTree(root, null, island);
    }
  };

  const tree = adoptTree();
  return island;
}

function isReported(name: string): boolean {
  return !/^(route|socket|class|style|id)$/.test(name);
}
