/*
 * Answers the events of an island in the page, by its component's own `update` and `view`. Input: models and changes of
 * them, as the server says them, and the events that have no outcome. Output: patches of the island's tree. What is
 * shown is the server's model with those events applied to it, in their order: one view and one comparison, however
 * many of them came or went.
 */

import type { AnyComponent, Component } from '../../shared/language/component.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { press } from '../../shared/runtime/press.ts';
import { addressOf } from '../../shared/tree/address.ts';
import { drawnBy } from '../../shared/tree/drawn-digest.ts';
import { TemplateTable } from '../../shared/tree/encode.ts';
import { type FoundListener, Rendering } from '../../shared/tree/rendering.ts';
import type { Address, PredictedPlace } from '../../shared/wire/frames.ts';
import { applyModel } from '../../shared/wire/model-patch.ts';
import {
  carryOut,
  isDefine,
  isRefused,
  type Operation,
  type OperationHandler,
  type Patch,
} from '../../shared/wire/patch.ts';
import type { ServerFrameHandler } from '../../shared/wire/server-frames.ts';
import { compile, toDomTemplate } from '../dom/compile.ts';
import type { DomTemplate } from '../dom/templates.ts';
import type { OutgoingEvent } from '../element/outbox.ts';
import type { PredictedIsland, Predictor } from '../element/predictor.ts';
import type { Keep } from './offline/offline.ts';
import { runInPage } from './page-effects.ts';
import { createSender, type Who } from './sender.ts';
import { tellUnpredicted, type Unpredicted } from './unpredicted.ts';

/** No view has such a place: the server refuses what happened there. */
const nowhere: Address = [0];

const placeOf = (found: FoundListener | undefined): Address => (found && addressOf(found)) ?? nowhere;

/** @param keep What keeps events, where pages may do that. */
export function createPredictor(
  component: AnyComponent,
  code: string,
  island: PredictedIsland,
  keep?: Keep,
  onEnd?: () => void,
): Predictor {
  const { update, view } = component as Component<unknown, AnyMessage, unknown>;
  const { tree, root } = island;
  /** What was told of events: each is applied again and again. */
  const failed = new WeakSet<OutgoingEvent>();
  const fail = (event: OutgoingEvent | undefined, why: Unpredicted, error: unknown): void => {
    // what is refused on purpose the server refuses, too
    if (!event || failed.has(event) || (error as Error | null)?.name === 'Refused') return;
    failed.add(event);
    tellUnpredicted(root as EventTarget, why, error);
  };
  const table = new TemplateTable();
  const rendering = new Rendering(compile, table);
  /** Templates that the server has told: of those that are the same the nodes stay. */
  let known: readonly DomTemplate[] = tree.templates;
  let isBegun = false;
  /** The server's code is asked for what is shown, in place of the code here. */
  let isOver = false;
  let who: Who | undefined;
  /** The server tells the model from now on, and not the tree. */
  let isTold = false;
  /** What the server has. */
  let confirmed: unknown;
  /** What the server has drawn of that, as a digest. */
  let told: number | undefined;
  let events: readonly OutgoingEvent[] = [];
  /** What events are taken for; nothing, where a handler gives none, or fails. */
  const messages = new WeakMap<OutgoingEvent, AnyMessage>();
  /** Those whose effects have been started, and whose fields show the model again. */
  const started = new WeakSet<OutgoingEvent>();
  /** What is shown is made of these. */
  let drawn: readonly OutgoingEvent[] = [];
  let drawnFrom: unknown;
  let isDue = false;

  /** The model that is shown, and all that is applied to it. */
  const see = (own: readonly OutgoingEvent[]): readonly [unknown, readonly OutgoingEvent[]] =>
    keep?.see(confirmed, own) ?? [confirmed, own];

  const fold = (confirmed: unknown, pending: readonly OutgoingEvent[]): unknown => {
    let model = confirmed;
    for (const event of pending) {
      const message = messages.get(event);
      if (!message) continue;
      try {
        const [next, effect] = update(model, message);
        model = next;
        if (started.has(event)) continue;
        started.add(event);
        // it is shown first
        queueMicrotask(() => runInPage(effect, root));
      } catch (error) {
        // the server says what becomes of it
        fail(event, 'update', error);
      }
    }
    return model;
  };

  /** @throws what the view throws of the server's own model. */
  const render = (pending: readonly OutgoingEvent[]): Patch => {
    [drawnFrom, drawn] = see(pending);
    let patch: Patch;
    try {
      patch = rendering.render(view(fold(drawnFrom, drawn)));
    } catch (error) {
      patch = rendering.render(view(drawnFrom));
      // which of the events that is about nobody can tell: it is said with the first
      if (!drawn.some((event) => failed.has(event))) fail(drawn[0], 'view', error);
      for (const event of drawn) failed.add(event);
    }
    for (const definition of table.definitions.slice(templates.length)) {
      const template = toDomTemplate(definition);
      templates.push(known.find((each) => isSame(each, template)) ?? template);
    }
    return patch.filter((operation) => !isDefine(operation));
  };
  const templates: DomTemplate[] = [];

  const tryRender = (pending: readonly OutgoingEvent[]): readonly Operation[] => {
    if (isOver) return [];
    try {
      const patch = render(pending);
      // what has yet to have an outcome the server has not drawn
      const isComparable = told !== undefined && !drawn[0] && drawnFrom === confirmed;
      if (isComparable && drawnBy(rendering) !== told) throw new Error('the server draws something else');
      return patch;
    } catch (error) {
      // the code here is not that of the server, or not made for what it has
      console.warn('islet: an island is no longer predicted', error);
      tellUnpredicted(root as EventTarget, 'other', error);
      end();
      return [];
    }
  };

  const end = (): void => {
    isOver = true;
    // what is being read may be the answer to a join, before which nothing can be asked; until the answer, what is
    // shown is the tree of here: its events say their places
    queueMicrotask(() => island.ask(0));
  };

  /** Mounts what is rendered here. */
  const mount = (): void => {
    const [epoch, version] = island.shown;
    const { nextId } = rendering;
    island.handler.mount(epoch, version, 0, nextId, rendering.toIds(), null, rendering.toMount());
  };

  /** Shows what is rendered here in place of what the server has drawn. */
  const begin = (pending: readonly OutgoingEvent[]): void => {
    isBegun = true;
    tryRender(pending);
    isBegun = !isOver;
    if (isOver) return;
    tree.templates = templates;
    island.change();
    mount();
    known = [];
    locate();
  };

  /** What was done before this began names an instance that had another id: also what is told only now. */
  const locate = (): void => {
    if (!isBegun) return;
    for (const event of events) {
      const { instance, hole } = event;
      const find = (): FoundListener | undefined =>
        tree.instances.get(instance.id) === instance ? rendering.findListener(instance.id, hole) : undefined;
      event.place ??= { a: placeOf(find()) };
    }
  };

  const draw = (): void => {
    isDue = false;
    const [model, all] = see(events);
    const isShown = drawnFrom === model && drawn.length === all.length;
    if (!isBegun || isOver || (isShown && drawn.every((event, index) => event === all[index]))) return;
    const fresh = all.filter((event) => messages.has(event) && !drawn.includes(event));
    tree.apply(tryRender(events));
    // not before the browser has done what follows from an event: it checks a box, it sends a form
    if (fresh[0]) setTimeout(() => island.settle(fresh));
  };

  const ofModel: OperationHandler<unknown> = {
    model(...changes) {
      confirmed = applyModel(confirmed, changes);
    },
    drawn(digest) {
      told = digest;
    },
    you(id, user, now, person) {
      who = { id, user, ahead: now - Date.now() };
      keep?.onWho(who, person);
    },
  };

  /** Takes note of what a frame says; gives the events that have no outcome after it. */
  const take = (operations: readonly Operation[], event = 0): readonly OutgoingEvent[] => {
    const settled = new Set<number>();
    // what others have left is shown until it has its outcome
    redraw();
    for (const operation of operations) {
      carryOut(operation, ofModel);
      if (operation[0] === 'refused') settled.add(operation[1]);
    }
    return events.filter(({ number }) => !number || (number > event && !settled.has(number)));
  };

  /** What a frame says, and what that does to the tree. */
  const translate = (operations: readonly Operation[], event: number | undefined): Operation[] => {
    const pending = take(operations, event);
    return isBegun ? [...operations, ...tryRender(pending)] : [...operations];
  };

  const redraw = (): void => {
    if (!isBegun || isDue) return;
    isDue = true;
    queueMicrotask(draw);
  };

  const handler: ServerFrameHandler<void> = Object.assign(Object.create(island.handler), {
    model(epoch, version, event, model, ...operations) {
      isTold = true;
      confirmed = model;
      const pending = take(operations, event);
      const more = isBegun ? tryRender(pending) : [];
      island.handler.live(epoch, version, event, ...operations, ...more);
      if (!isBegun && !isOver) begin(pending);
    },
    live(epoch, version, event, ...operations) {
      isTold = true;
      island.handler.live(epoch, version, event, ...translate(operations, event));
    },
    patch(operations, event) {
      // outcomes alone are no version: what they change is drawn when their events have gone, in a microtask
      // and what the server has drawn before it knew comes again as changes of the model
      const said = isBegun && !isTold ? operations.filter(isRefused) : operations;
      island.handler.patch(said.every(isRefused) ? said : translate(said, event), event);
    },
    mount(...all) {
      // the server has other code, or is not the one that can tell a model
      isBegun = false;
      island.change();
      island.end();
      onEnd?.();
      island.handler.mount(...all);
    },
  } satisfies ServerFrameHandler<void>);

  const first = keep?.attach(island, redraw, messages, started) ?? island.model;
  if (first) {
    confirmed = JSON.parse(first);
    begin(events);
  }
  // what has no outcome yet is told when it changes, and as soon as somebody hears it
  queueMicrotask(() => island.remove(() => false));

  return {
    code,
    handler,
    have: (epoch, version) => (isOver ? ['', 0, 0] : [isBegun ? epoch : '', isBegun ? version : 0, code]),
    onEvents(next) {
      events = [...next];
      locate();
      redraw();
    },
    keep,
    hear(instance, hole) {
      if (!isBegun) return undefined;
      const found = rendering.findListener(instance, hole);
      const address = placeOf(found);
      return (event) => {
        const known = who ?? keep?.who;
        const sender = createSender(known);
        try {
          const message = found && press(found, (event.data ?? {}) as never, { toClient: () => sender.client });
          if (message) messages.set(event, message);
        } catch (error) {
          // the server says what becomes of it; who has not been told yet who this is could not have done better
          if (known) fail(event, 'handler', error);
        }
        event.place = { a: address, ...sender.told } satisfies PredictedPlace;
      };
    },
    answer(instance) {
      if (isOver) return false;
      queueMicrotask(() => {
        const part = rendering.toPart(instance);
        if (part) island.handler.part(island.shown[1], instance, part.ids, part.nextId, part.content);
        else mount();
      });
      return true;
    },
    end() {
      // an answer to another question would be taken for one that this code cannot use
      if (!isOver) end();
    },
  };
}

/** Whether instances of one are instances of the other. */
function isSame(one: DomTemplate, other: DomTemplate): boolean {
  const describe = ({ holes }: DomTemplate): string =>
    JSON.stringify(holes.map(({ kind, name, path }) => [kind, name, path]));
  return one.content.isEqualNode(other.content) && describe(one) === describe(other);
}
