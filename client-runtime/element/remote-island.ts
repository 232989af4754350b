/*
 * An island whose component runs on the server: adopts what the server rendered, joins over the page's connection,
 * reports events and applies patches. Input: frames, and events of its DOM. Output: the same, the other way.
 * `docs/protocol.md` says in words what is sent.
 */

import type { EmitOptions } from '../../shared/language/effect.ts';
import type { Json } from '../../shared/language/events.ts';
import { decodeAdoption } from '../../shared/wire/adoption.ts';
import { encodeAck, encodeAttribute, encodeEvent, encodeJoin } from '../../shared/wire/client-frames.ts';
import { framesPerAck, type Have } from '../../shared/wire/frames.ts';
import { carryOut, definitionsOf, type OperationHandler } from '../../shared/wire/patch.ts';
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
  const outbox = createOutbox(root, ({ instance, hole, data }) =>
    send(encodeEvent(channel, version, instance, hole, data)),
  );

  const send = (frame: string): boolean => connection?.send(frame) ?? false;

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
    for (const name of changed) send(encodeAttribute(channel, name, element.getAttribute(name)));
    changed.clear();
  };

  /** The server says where the island stands, and brings what is missing. */
  const settle = (nextEpoch: string, nextVersion: number, event: number): void => {
    epoch = nextEpoch;
    version = nextVersion;
    outbox.acknowledge(event);
    outbox.flush();
    // whoever hears this may cause events: they come after those that waited
    show('live');
    sendAttributes();
  };

  const effects: OperationHandler<void> = {
    emit: (...emitted) => element.onEmit(...emitted),
    provide: (...provided) => element.onProvide(...provided),
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
      const { length } = tree.templates;
      const have: Have = digest ? [epoch, version, length, digest] : [epoch, version, length];
      const route = element.getAttribute('route') ?? '';
      send(encodeJoin(channel, route, attributes, version < 0 ? undefined : have));
    },

    onHello(isResumed) {
      if (isResumed) outbox.resume();
      // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
      else drop();
    },

    onLost(code) {
      show(code ? 'failed' : 'offline', code);
    },

    // What the server says.

    live(nextEpoch, nextVersion, event, define) {
      if (define) tree.apply([define]);
      settle(nextEpoch, nextVersion, event);
    },

    mount(nextEpoch, nextVersion, event, nextId, ids, define, content) {
      if (define) {
        // it tells all there are; those that are the same stay
        tree.templates.length = definitionsOf(define).length;
        tree.apply([define]);
      }
      try {
        tree.mount(content, ids, nextId, version >= 0);
      } catch {
        tree.mount(content, ids, nextId);
      }
      // another actor's instances have other ids: what was clicked is no longer there
      if (epoch !== nextEpoch) drop(true);
      settle(nextEpoch, nextVersion, event);
    },

    patch(operations, event) {
      // a page that has to be drawn anew waits for that
      if (version < 0) return;
      if (operations.length > 0) {
        digest = '';
        version++;
        // the server must hear now and then that a quiet client keeps up
        if (version % framesPerAck === 0) send(encodeAck(channel, version));
        try {
          tree.apply(operations);
        } catch (error) {
          // the DOM was changed under us: a new connection, without anything to add to, brings the whole
          reportError(error);
          version = -1;
          connection?.restart();
          return;
        }
      }
      if (event) outbox.acknowledge(event);
      for (const operation of operations) carryOut(operation, effects);
    },

    refused(code, message, event) {
      outbox.acknowledge(event);
      element.onEmit('islet:refused', { code, message });
    },

    error(code) {
      show('failed', code);
    },

    // How the tree reports.

    onEvent(instance, hole, event, listener) {
      const { wantsData, preventDefault, stopPropagation, include } = listener;
      if (preventDefault || event.type === 'submit') event.preventDefault();
      if (stopPropagation) event.stopPropagation();
      const target = event.target as Element;
      const data = wantsData ? (readEvent(event, include) as Json) : undefined;
      timing.run(`${instance}.${hole}`, listener, () => {
        const code = failure || (outbox.add({ instance, hole, data }, target) ? '' : 'ISLET_ERR_LIMIT_EVENTS');
        if (code) element.onEmit('islet:refused', { code });
        else if (element.state === 'live') outbox.flush();
      });
    },

    onProperty: outbox.maySet,
  };

  const adoptTree = (): DomTree => {
    try {
      const script = root.lastElementChild as Element;
      const adoption = decodeAdoption(script.textContent);
      const adopted = new DomTree(root, script, island);
      adopted.define(0, ...adoption.definitions);
      adopt(adopted, adoption);
      ({ epoch, version, digest } = adoption);
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
