/*
 * An island whose component runs on the server: adopts what the server rendered, joins over the page's connection,
 * reports events and applies patches. What cannot be applied is asked for anew. Input: frames, and events of its DOM.
 * Output: the same, the other way. `docs/protocol.md` says in words what is sent.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Json } from '../../shared/language/events.ts';
import { decodeAdoption } from '../../shared/wire/adoption.ts';
import {
  encodeAck,
  encodeAttribute,
  encodeEvent,
  encodeJoin,
  encodeNeed,
  encodeVoid,
} from '../../shared/wire/client-frames.ts';
import { type AttributeTexts, framesPerAck, type Have } from '../../shared/wire/frames.ts';
import { carryOut, isRefused, type Operation, type OperationHandler } from '../../shared/wire/patch.ts';
import { adopt } from '../dom/adopt.ts';
import { createDomTree, type DomInstance, type DomOwner, type DomTree } from '../dom/dom-tree.ts';
import { readEvent } from '../dom/event-data.ts';
import { createTiming } from '../dom/timing.ts';
import { type Channel, type Connection, connectionTo } from './connection.ts';
import { createOutbox, type OutgoingEvent } from './outbox.ts';
import * as times from './times.ts';

export type State = 'connecting' | 'live' | 'saving' | 'offline' | 'failed';

/** The element that the island belongs to. */
export interface RemoteOwner extends Element {
  readonly state: State | '';
  /** Returns false if somebody has prevented what would follow. */
  onEmit(name: string, detail: unknown, options?: EventInit): boolean;
  onProvide(key: string, value: unknown): void;
  /** `code` says why it failed. */
  onState(state: State, code?: string): void;
}

export interface RemoteIsland {
  connect(): void;
  disconnect(): void;
}

/** Where the socket is, unless the element says so: what the page says, or else beside the element's own script. */
const defaultPath = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name=islet]')?.content ??
  /.*(?=\/element\.js)/.exec(import.meta.url)?.[0] ??
  '/islet';

const tooBig: ErrorCode = 'ISLET_ERR_FRAME_TOO_BIG';

/** @param root What the island is drawn into; what the server rendered there is adopted. */
export function createRemoteIsland(element: RemoteOwner, root: Element | ShadowRoot): RemoteIsland {
  let connection: Connection | undefined;
  let channel = 0;
  let isJoined = false;
  /** What people do is not stored. */
  let isSaving = false;
  /** Number of the last event that nobody waited for when the island joined. */
  let settled = 0;
  let failure: string | undefined;
  let retries = 0;
  let epoch = '';
  /** The version that has arrived, and the last one of which all is shown. */
  let version = 0;
  let shown = 0;
  /** Of what the server rendered, while that is still shown; else empty. */
  let digest = '';
  /** Instances that are not what they should be, and are asked for; 0: all. */
  const needed = new Set([0]);
  /** Why they are not. */
  let reason = '';
  /** Names of the attributes that count, if that is known. */
  let names: readonly string[] | undefined;
  /** Names of attributes that the server has other texts of. */
  const changed = new Set<string>();
  const timing = createTiming();

  const send = (frame: string): boolean => (connection as Connection).send(frame);

  const tell = (name: string, detail: object): undefined => {
    console.warn(name, detail);
    element.onEmit(name, detail);
  };

  const refuse = (code: string, message?: string, event?: number): undefined =>
    tell('islet:refused', { code, message, event });

  /** Sends a frame; undefined if it is too big. */
  const trySend = (frame: string): boolean | undefined =>
    (connection as Connection).takes(frame) ? send(frame) : refuse(tooBig);

  const outbox = createOutbox(
    root,
    ({ instance, hole, data }, number) => trySend(encodeEvent(channel, number, epoch, shown, instance.id, hole, data)),
    (number) => send(encodeVoid(channel, number)),
  );

  const acknowledge = (event: number): void => {
    outbox.remove(({ number }) => (number as number) <= event);
  };

  const drop = (why: string, isLost: (event: OutgoingEvent) => unknown): void => {
    const lost = outbox.remove(isLost);
    if (lost[0]) tell('islet:dropped', { events: lost.length, why, targets: lost.map(({ target }) => target) });
  };

  const show = (next: State, code?: string): void => {
    failure = code;
    if (element.state !== next) element.onState(next, code);
  };

  const fail = (code: string): void => {
    isJoined = false;
    show(code ? 'failed' : 'offline', code);
  };

  const counts = (name: string): boolean => names?.includes(name) ?? !/^(route|socket|class|style|id)$/.test(name);

  const observer = new MutationObserver((records) => {
    for (const { attributeName } of records) {
      const name = attributeName as string;
      if (name === 'route' || name === 'socket') {
        island.disconnect();
        needed.add(0);
        names = undefined;
        island.connect();
        return;
      }
      if (counts(name)) changed.add(name);
    }
    sendAttributes();
  });

  const sendAttributes = (): void => {
    if (!isJoined) return;
    for (const name of changed) trySend(encodeAttribute(channel, name, element.getAttribute(name)));
    changed.clear();
  };

  const join = (): void => {
    changed.clear();
    const { length } = tree.templates;
    const have: Have = digest ? [epoch, version, length, digest] : [epoch, version, length];
    settled = outbox.settled;
    const encode = (texts: AttributeTexts | null): string =>
      encodeJoin(channel, element.getAttribute('route') ?? '', texts, settled, needed.size ? undefined : have);
    const present = element.getAttributeNames().filter(counts);
    let attributes = {};
    for (const name of present) {
      const more = { ...attributes, [name]: element.getAttribute(name) };
      if ((connection as Connection).takes(encode(more))) attributes = more;
      else console.warn(tooBig, name);
    }
    send(encode(names || !present[0] ? attributes : null));
  };

  const checkNeeded = (): void => {
    if (needed.size) return;
    shown = version;
    if (reason) tell('islet:recovered', { reason });
    reason = '';
  };

  /** Goes on to a version. */
  const advance = (next: number, operations: readonly Operation[]): void => {
    version = next;
    if (operations[0]) digest = '';
    tree.apply(operations);
    checkNeeded();
  };

  const effects: OperationHandler<unknown> = {
    emit: (...emitted) => element.onEmit(...emitted),
    provide: element.onProvide,
    refused(event, code, message) {
      outbox.remove(({ number }) => number === event);
      refuse(code, message, event);
    },
  };

  const act = (operations: readonly Operation[]): void => {
    for (const operation of operations) carryOut(operation, effects);
  };

  const island: Channel & DomOwner & RemoteIsland & Pick<Required<Channel>, 'live'> = {
    connect() {
      if (connection) return;
      show('connecting');
      observer.observe(element, { attributes: true });
      connection = connectionTo(element.getAttribute('socket') ?? defaultPath());
      channel = connection.add(island);
      join();
    },

    disconnect() {
      timing.flush();
      observer.disconnect();
      connection?.remove(channel);
      connection = undefined;
      isJoined = false;
      outbox.remove(() => true);
    },

    // How the connection reports.

    onOpen(isResumed) {
      // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
      if (!isResumed) drop('unknown', ({ number }) => number);
      join();
    },

    onLost: fail,

    onLook(silence) {
      const wait = outbox.look();
      if (wait >= times.doubtLooks) (connection as Connection).probe();
      if (/_STORE|_NEWER/.test(failure ?? '') && !(++retries % times.retryLooks)) join();
      if (!isJoined) return;
      if (isSaving) show('saving');
      else show(silence < times.offlineLooks && wait < times.waitLooks ? 'live' : 'offline');
    },

    onOutdated(code) {
      return element.onEmit('islet:outdated', { code }, { cancelable: true }) && !outbox.isBusy;
    },

    // What the server says.

    attributes(counting) {
      names = counting;
      join();
    },

    live(nextEpoch, nextVersion, event, ...operations) {
      (connection as Connection).succeed();
      epoch = nextEpoch;
      advance(nextVersion, operations);
      acknowledge(event);
      // below 0: whoever answers does not know what became of what was sent before
      if (event < 0) drop('unknown', ({ number }) => number);
      outbox.flush(isJoined ? undefined : Math.max(settled, event) + 1);
      isJoined = true;
      isSaving = false;
      // whoever hears this may cause events: they come after those that waited
      show('live');
      sendAttributes();
      act(operations);
    },

    mount(nextEpoch, nextVersion, event, nextId, ids, define, content, ...operations) {
      for (const keeps of [!needed.size, false]) {
        try {
          if (define) carryOut(define, tree);
          tree.mount(content, ids, nextId, keeps);
          needed.clear();
          digest = '';
          break;
        } catch (error) {
          reason ||= `${error}`;
          needed.add(0);
        }
      }
      if (!needed.size) {
        // what was clicked may be no longer there; what was sent over this connection has an outcome all the same
        if (nextEpoch !== epoch) {
          drop('gone', ({ instance, number }) => !(number && isJoined) && tree.instances.get(instance.id) !== instance);
        }
        island.live(nextEpoch, nextVersion, event, ...operations);
      } else {
        root.textContent = 'Please reload the page.';
        fail('ISLET_ERR_PATCH');
      }
    },

    part(next, instance, ids, nextId, content) {
      version = next;
      try {
        tree.replace(instance, content, ids, nextId);
        needed.delete(instance);
        checkNeeded();
      } catch (error) {
        needed.clear();
        island.onMisfit(0, error);
      }
    },

    patch(operations, event) {
      if (!operations.every(isRefused)) {
        advance(version + 1, operations);
        // the server must hear now and then that a quiet client keeps up
        if (shown === version && version % framesPerAck === 0) send(encodeAck(channel, version));
      }
      if (event) acknowledge(event);
      act(operations);
    },

    saving(isNow) {
      isSaving = isNow;
      if (isJoined) show(isNow ? 'saving' : 'live');
    },

    error(code, message, redirect) {
      fail(code);
      // what may not be seen must not stay
      if (!/_FORB/.test(code)) return;
      needed.add(0);
      tree.mount(message, [], 1);
      tell('islet:forbidden', { code, message });
      if (!redirect) return;
      // throws where it names another site
      history.pushState(0, '', redirect);
      location.reload();
    },

    // How the tree reports.

    onEvent(instance, hole, event, listener) {
      const { wantsData, preventDefault, stopPropagation, include } = listener;
      const { type } = event;
      if (preventDefault || type === 'submit') event.preventDefault();
      if (stopPropagation) event.stopPropagation();
      const target = event.target as Element;
      const data = wantsData ? (readEvent(event, include) as Json) : undefined;
      const place = `${instance}.${hole}`;
      const at = tree.instances.get(instance) as DomInstance;
      timing.run(place, listener, () => {
        const isAdded = failure || outbox.add({ instance: at, hole, data, target, key: type === 'input' && place });
        if (isAdded !== true) refuse(isAdded || 'ISLET_ERR_LIMIT_EVENTS');
        else if (isJoined) outbox.flush();
      });
    },

    onProperty: outbox.maySet,

    onMisfit(instance, error) {
      reason ||= `${error}`;
      if (needed.has(0) || needed.has(instance)) return;
      needed.add(instance);
      send(encodeNeed(channel, version, instance));
    },
  };

  const adoptTree = (): DomTree => {
    try {
      const script = root.lastElementChild as Element;
      const adoption = decodeAdoption(script.textContent);
      const adopted = createDomTree(root, script, island);
      adopted.define(0, ...adoption.definitions);
      adopt(adopted, adoption);
      ({ epoch, version, digest, attributes: names } = adoption);
      needed.clear();
      return adopted;
    } catch {
      // not from the server, or changed since (a browser extension was faster): start from scratch
      return createDomTree(root, null, island);
    }
  };

  const tree = adoptTree();
  shown = version;
  return island;
}
