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
import { repeatableMs } from '../../shared/wire/remembered.ts';
import { readServerFrame, type ServerFrameHandler } from '../../shared/wire/server-frames.ts';
import { adopt } from '../dom/adopt.ts';
import { createDomTree, type DomInstance, type DomOwner, type DomTree } from '../dom/dom-tree.ts';
import { readEvent } from '../dom/event-data.ts';
import { createFields } from '../dom/fields.ts';
import { isSubmission, targetOf } from '../dom/hear.ts';
import { lacksSpecial, maxTries, need, repair, special, words } from '../dom/parts.ts';
import { setHeard } from '../dom/record.ts';
import { hasRecorded } from '../dom/recorded.ts';
import type { Recovery } from '../dom/recovery.ts';
import { createTiming } from '../dom/timing.ts';
import { watchAttributes } from './attribute-texts.ts';
import { type Channel, type Connection, connectionTo } from './connection.ts';
import { createHeldFrames } from './held-frames.ts';
import { createOutbox, type OutgoingEvent } from './outbox.ts';
import { createPending } from './pending.ts';
import type { BeginPrediction, EventKeeper, Predictor } from './predictor.ts';
import * as times from './times.ts';

/** What `<server-component>` shows of its connection. */
export type State = 'connecting' | 'live' | 'saving' | 'offline' | 'failed';

/** The element that the island belongs to. */
export interface RemoteOwner extends Element {
  readonly state: State | '';
  /** Returns false if somebody has prevented what would follow. */
  onEmit(name: string, detail: unknown, options?: EventInit): boolean;
  onProvide(key: string, value: unknown): void;
  /** Whether any of its events is under way. */
  onPending(isPending: boolean): void;
  /** `code` says why it failed. */
  onState(state: State, code?: string): void;
}

export interface RemoteIsland {
  connect(): void;
  /** Has events answered in the page, where that can be done now: the island is live. */
  predict(begin: BeginPrediction): Promise<void>;
  disconnect(): void;
}

/** Where the socket is, unless the element says so: what the page says, or else beside the element's own script. */
const defaultPath = (): string =>
  document.querySelector<HTMLMetaElement>('meta[name=islet]')?.content ??
  /.*(?=\/element\.js)/.exec(import.meta.url)?.[0] ??
  '/islet';

/** Marks what said how to adopt what has been changed since. */
const outgrown = 'data-outgrown';

/**
 * @param root What the island is drawn into; what the server rendered there is adopted.
 * @returns A promise where something is needed for that which has yet to be loaded.
 */
export function createRemoteIsland(element: RemoteOwner, root: Element | ShadowRoot): RemoteIsland | Promise<void> {
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
  /** What says how to adopt that. */
  let adoptedWith: Element | null | undefined;
  /** All is asked for: nothing of what is shown counts. */
  let wantsAll = true;
  /** Something is not what it should be. */
  let isWrong = false;
  let recovery: Recovery | undefined;
  /** How often all was made anew without it. */
  let remakes = 0;
  /** What is shown is another actor's than before. */
  let isNew = false;
  /** What answers events here, before the server does. */
  let predictor: Predictor | undefined;
  /** What keeps its events, also when they are no longer answered here. */
  let keep: EventKeeper | undefined;
  /** The next tree is another one, whose ids say nothing. */
  let isForeign = false;
  const fields = createFields(root);
  const timing = createTiming(root, (report) => fields.settle([report]));

  const send = (frame: string): boolean => connection?.send(frame) ?? false;

  const tell = (name: string, detail: object): undefined => {
    // nobody else may be listening
    console.warn(name, element.getAttribute('route'), ...Object.values(detail));
    element.onEmit(name, detail);
    // of one that was taken out of the page nobody would hear
    if (!element.isConnected) document.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  };

  const refuse = (code: string, message?: string, event?: number): undefined =>
    tell('islet:refused', { code, message, event });

  /** Sends a frame; undefined if it is too big. */
  const trySend = (frame: string, isEvent?: boolean): boolean | undefined => {
    if (connection?.takes(frame) === false) return refuse('ISLET_ERR_FRAME_TOO_BIG');
    return (!isEvent || connection?.mayTell() === true) && send(frame);
  };

  const markPending = createPending(element.onPending);
  const showPending = (events: readonly OutgoingEvent[]): void => {
    markPending(events);
    predictor?.onEvents(events);
    keep?.onEvents(events);
  };
  const outbox = createOutbox(
    (event, number) =>
      keep?.hold(event, number) ??
      trySend(
        event
          ? encodeEvent(
              channel,
              number,
              epoch,
              event.epoch === epoch ? event.seen : shown,
              event.place ?? event.instance.id,
              event.hole,
              event.data,
            )
          : encodeVoid(channel, number),
        true,
      ),
    fields.settle,
    showPending,
  );

  const acknowledge = (event: number): void => {
    outbox.acknowledge(event);
    outbox.flush();
    // what somebody has moved, and nobody wants there
    tree.mend();
  };

  /** Events are lost; what fields hold is told anew. */
  const drop = (why: string, isLost: (event: OutgoingEvent) => unknown): void => {
    const lost = outbox.drop(isLost);
    const { length } = lost;
    if (length) tell('islet:dropped', { events: length, why, targets: lost.map(({ target }) => target) });
  };

  /** Nobody knows what became of what was sent. */
  const dropSent = (): void => drop('unknown', ({ number }) => number);

  const show = (next: State, code?: string): void => {
    failure = code;
    if (element.state !== next) element.onState(next, code);
  };

  const fail = (code: string): void => {
    isJoined = false;
    // a join says what has been shown: the rest will be said again
    held.forget();
    // nobody waits for what will not come
    if (code) markPending([]);
    show(code ? 'failed' : 'offline', code);
  };

  const attributes = watchAttributes(
    element,
    () => sendAttributes(),
    () => {
      island.disconnect();
      forgetAll();
      island.connect();
    },
  );

  const sendAttributes = (): void => {
    if (!isJoined) return;
    for (const name of attributes.takeChanged()) trySend(encodeAttribute(channel, name, element.getAttribute(name)));
  };

  const join = (): void => {
    drop('unknown', ({ sentAt }) => Date.now() - (sentAt as number) > repeatableMs);
    const { length } = tree.templates;
    const have: Have =
      predictor?.have(epoch, version) ?? (digest ? [epoch, version, length, digest] : [epoch, version, length]);
    settled = outbox.settled;
    const encode = (texts: AttributeTexts | null): string =>
      encodeJoin(
        channel,
        element.getAttribute('route') ?? '',
        texts,
        settled,
        wantsAll && !predictor ? undefined : have,
      );
    send(encode(attributes.read((texts) => (connection as Connection).takes(encode(texts)))));
  };

  /** Nothing of what is shown counts any more. */
  const forgetAll = (): void => {
    wantsAll = true;
    epoch = '';
    predictor = keep = undefined;
  };

  const giveUp = (code: ErrorCode): void => {
    island.disconnect();
    forgetAll();
    tree.mount(words, [], 1);
    show('failed', code);
  };

  const ask = (instance: number): void => {
    if (!instance) wantsAll = true;
    if (!predictor?.answer(instance) && isJoined) send(encodeNeed(channel, version, instance));
  };

  /** All has been done that could be done to show this version. */
  const checkShown = (): void => {
    if (recovery ? recovery.isDone() : !isWrong) shown = version;
  };

  /** What the server rendered is not what is shown any more: whoever copies the page may not take it for that. */
  const outgrow = (): void => {
    digest = '';
    adoptedWith?.toggleAttribute(outgrown, true);
  };

  /** Goes on to a version. */
  const advance = (next: number, operations: readonly Operation[]): void => {
    version = next;
    if (operations[0]) outgrow();
    tree.apply(operations);
    checkShown();
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

  const held = createHeldFrames(
    (frame) => readServerFrame(frame, (_, kind) => island.onFrame(frame, kind)),
    () => island.onMisfit(0, 'too much has come meanwhile'),
    () => giveUp('ISLET_ERR_SCRIPT'),
  );

  const island: Channel &
    DomOwner &
    RemoteIsland &
    ServerFrameHandler<void> &
    Pick<Required<ServerFrameHandler<void>>, 'live' | 'mount' | 'part' | 'patch'> = {
    connect() {
      if (connection) return;
      show('connecting');
      attributes.watch();
      connection = connectionTo(element.getAttribute('socket') ?? defaultPath());
      channel = connection.add(island);
      tree.hear(true);
      join();
    },

    disconnect() {
      timing.flush();
      keep?.leave(connection);
      // what was sent arrives: the server hears it before it hears of the leave
      drop('gone', ({ isSent }) => !isJoined || !isSent);
      tree.hear(false);
      attributes.ignore();
      connection?.remove(channel, !!keep);
      isJoined = false;
      connection = undefined;
      outbox.remove(() => true);
      held.forget();
    },

    // How the connection reports.

    onFrame(frame, kind) {
      if (held.isHolding) return held.hold(frame);
      if (lacksSpecial(frame)) return held.hold(frame, need(special));
      const isChanged = tree.foreign.look();
      // what is shown is to be kept as far as it can
      if (repair.part === undefined && (isChanged || (kind === 'mount' && (epoch || fields.isBusy))))
        return held.hold(frame, repair.load());
      // nobody can tell what is whose: all is made anew
      if (isChanged && !repair.part && !wantsAll) island.onMisfit(0, 'others have changed the page');
      return predictor?.handler ?? island;
    },

    onOpen(isResumed) {
      // Nobody can tell whether an event that was under way arrived: at most once is what a click means.
      if (!isResumed) {
        keep?.leave();
        dropSent();
      }
      join();
    },

    onLost: fail,

    get unsettled() {
      return outbox.unsettled;
    },

    onRoom() {
      if (isJoined) outbox.flush();
    },

    onLook(silence) {
      recovery?.look();
      const wait = outbox.look();
      if (wait >= times.doubtLooks) (connection as Connection).probe();
      if (/_STORE|_NEWER|_NO_/.test(failure as string) && !(++retries % times.retryLooks)) join();
      if (!isJoined) return;
      if (isSaving) show('saving');
      else show(silence < times.offlineLooks && wait < times.waitLooks ? 'live' : 'offline');
    },

    onOutdated(code) {
      return element.onEmit('islet:outdated', { code }, { cancelable: true }) && !outbox.isBusy && !fields.isBusy;
    },

    // What the server says.

    attributes(counting) {
      attributes.names = counting;
      join();
    },

    live(nextEpoch, nextVersion, event, ...operations) {
      const isSame = epoch === nextEpoch;
      epoch = nextEpoch;
      advance(nextVersion, operations);
      outbox.acknowledge(event);
      tree.mend();
      // where that could not be shown, the island may have been given up
      if (!connection) return;
      connection.succeed();
      // below 0: whoever answers does not know what became of what was sent before
      if (event < 0) {
        dropSent();
        outbox.skip();
        isJoined = false;
      }
      // what was said in another epoch is said again, as its place is called now
      outbox.flush(isJoined && isSame ? undefined : Math.max(settled, event) + 1);
      // else what predicts has drawn it by itself
      isJoined = connection.isReady;
      fields.release(isNew)();
      isSaving = isNew = false;
      recovery?.askAgain();
      if (!isJoined) return;
      // whoever hears this may cause events: they come after those that waited
      show('live');
      // the join was under way when that was wanted, and did not say so
      if (wantsAll) ask(0);
      sendAttributes();
      act(operations);
    },

    mount(nextEpoch, nextVersion, event, nextId, ids, define, content, ...operations) {
      isNew = nextEpoch !== epoch;
      fields.hold();
      try {
        if (define) carryOut(define, tree);
        if (recover()) recovery?.mount(content, ids, nextId, isNew || isForeign, !!epoch);
        else tree.mount(content, ids, nextId);
      } catch {
        return giveUp('ISLET_ERR_PATCH');
      }
      outgrow();
      wantsAll = isWrong = isForeign = false;
      if (isNew) {
        outbox.acknowledge(event);
        // what was clicked may be no longer there
        drop('gone', ({ instance, place }) => !place && tree.instances.get(instance.id) !== instance);
      }
      island.live(nextEpoch, nextVersion, event, ...operations);
    },

    part(next, ...content) {
      version = next;
      recovery?.part(...content);
      checkShown();
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
      // what may not be seen, or is not there, must not stay
      if (!/FORB|UNK/.test(code)) return;
      // what is kept is said when its person may do it again
      if (!keep) {
        dropSent();
        drop('gone', () => true);
      }
      forgetAll();
      tree.mount(message, [], 1);
      tell('islet:forbidden', { code, message });
      if (!redirect) return;
      // throws where it names another site
      history.pushState(0, '', redirect);
      location.reload();
    },

    // How the tree reports.

    onEvent(instance, hole, event, listener) {
      const place = `${instance}.${hole}`;
      const foresee = predictor?.hear(instance, hole);
      const { target, type } = event;
      const isSent = isSubmission(event);
      const read = listener.data || isSent ? readEvent(event, listener) : undefined;
      const data = read && (special.part?.describeFiles(read) ?? read);
      const outgoing: OutgoingEvent = Object.assign(fields.report(event, listener.data === 1), {
        instance: tree.instances.get(instance) as DomInstance,
        hole,
        epoch,
        seen: shown,
        data: listener.data ? (data as Json) : undefined,
        type,
        marks: (isSent ? [target, event.submitter] : [targetOf(event, listener)]).filter(
          (each) => each instanceof Element,
        ),
        submission: isSent && JSON.stringify([place, data]),
      });
      timing.run(place, listener, outgoing, () => {
        foresee?.(outgoing);
        if (!failure && outbox.add(outgoing)) {
          if (isJoined) outbox.flush();
        } else {
          fields.settle([outgoing], true);
          refuse(failure || 'ISLET_ERR_LIMIT_EVENTS');
        }
      });
    },

    async predict(begin) {
      await Promise.all([special.load(), repair.load()]);
      // an answer that is on its way is not meant for it
      if (predictor || isJoined !== connection?.isReady || !special.part || !repair.part) return;
      ({ keep } = predictor = begin({
        tree,
        root,
        handler: island,
        get shown() {
          return [epoch, version] as const;
        },
        model: digest && (adoptedWith as HTMLElement).dataset.model,
        settle: fields.settle,
        change() {
          isForeign = true;
        },
        end() {
          predictor = undefined;
        },
        get line() {
          return [connection, channel] as const;
        },
        remove: outbox.remove,
        ask,
      }));
      send(encodeNeed(channel, predictor.have('', version)[1], predictor.code));
    },

    onProperty: (node, name, value) => !fields.set(node, name, value),

    onTaken() {
      if (connection) tree.mend();
    },

    onTorn: () => recover()?.tear(),

    onMisfit(instance, error) {
      isWrong = true;
      repair.use(() => {
        if (recover()) recovery?.misfit(instance, error);
        // nobody can put a part of it right
        else if (remakes++ < maxTries) ask(0);
        else giveUp('ISLET_ERR_PATCH');
      });
    },
  };

  /** What puts right what is wrong, once that has been loaded. */
  const recover = (): Recovery | undefined => {
    recovery ??= repair.part?.createRecovery({
      tree,
      ask,
      save: fields.save,
      tell: () => fields.release(false)(),
      announce: tell,
      mend: island.onTaken,
      giveUp: () => giveUp('ISLET_ERR_PATCH'),
    });
    return recovery;
  };

  let broken: number[] = [];
  const adoptTree = (): DomTree | Promise<void> => {
    const script = root.lastElementChild as HTMLScriptElement | null;
    const text = (!script?.hasAttribute(outgrown) && script?.text) || '';
    if (lacksSpecial(text)) return need(special);
    if (repair.part === undefined && (fields.isBusy || hasRecorded(root, !!special.part))) return repair.load();
    let adopted: DomTree | undefined;
    try {
      // another element has no such text
      const adoption = decodeAdoption(text);
      adopted = createDomTree(root, script, island);
      adopted.define(0, ...adoption.definitions);
      const misfits = new Set<number>();
      try {
        adopt(adopted, adoption);
      } catch (error) {
        // others have put something in
        if (repair.part === undefined) return repair.load();
        if (!adopted.repair) throw error;
        adopt(adopted, adoption, adopted.repair.cursor(misfits));
      }
      if (!misfits.has(0)) {
        ({ epoch, version, digest, attributes: attributes.names } = adoption);
        wantsAll = false;
        adoptedWith = script;
        broken = [...misfits];
        return adopted;
      }
    } catch {
      // not from the server, or nothing that can be told: start from scratch
    }
    adopted?.foreign.pause();
    adopted?.hear(false);
    return createDomTree(root, null, island);
  };

  fields.hold();
  const found = adoptTree();
  if (found instanceof Promise) return found;
  const tree = found;
  shown = version;
  setHeard(root, true);
  for (const id of broken) island.onMisfit(id, 'others have changed the page');
  // else all of it is told when there is somebody to hear it
  if (!wantsAll) {
    fields.release(false)();
    special.part?.tellOfImages(root);
    repair.part?.replay(root);
  }
  return island;
}
