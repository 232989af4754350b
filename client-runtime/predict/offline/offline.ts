/*
 * What a page does so that nothing is lost of what is done in a predicted island without a connection: keeps events
 * until they have an outcome, shows and says what pages have left that are no more, and tells how much waits. Input: an
 * element, and what its predictor has and hears. Output: the events of before, the model that was kept, and whether an
 * event may be sent. Loaded by `predict` where an app asks for it.
 */

import type { AnyMessage } from '../../../shared/language/html.ts';
import { repeatableMs } from '../../../shared/wire/remembered.ts';
import type { Connection } from '../../element/connection.ts';
import type { ServerComponent } from '../../element/element.ts';
import type { OutgoingEvent } from '../../element/outbox.ts';
import type { EventKeeper, PredictedIsland } from '../../element/predictor.ts';
import type { Who } from '../sender.ts';
import { KeptStore, type Trouble } from './kept-store.ts';
import { KeptStream } from './kept-stream.ts';
import { LeftPages } from './left-pages.ts';
import type { LeftStream } from './left-stream.ts';
import { defaultAgeMs, defaultLength, modelId, type OfflineLimits } from './records.ts';
import { describe, tell } from './tell.ts';

export interface Keep extends EventKeeper {
  /** As whom handlers are called until the server says so. */
  readonly who: Who | undefined;
  /**
   * @param redraw What is shown may be another now.
   * @param messages What events are taken for; and those whose effects need not be started any more.
   * @returns What the server had when that was last kept, as JSON, where it is newer than what is shown; then that is
   *   what the island takes for its version.
   */
  attach(
    island: PredictedIsland,
    redraw: () => void,
    messages: WeakMap<OutgoingEvent, AnyMessage>,
    started: WeakSet<OutgoingEvent>,
  ): string | undefined;
  /** What is to be shown: the model, and all events that have no outcome, those of others first. */
  see(model: unknown, own: readonly OutgoingEvent[]): readonly [unknown, readonly OutgoingEvent[]];
  onWho(who: Who, person: string | undefined): void;
}

interface Shared {
  readonly store: KeptStore;
  readonly pages: LeftPages;
  readonly isOpen: boolean;
}

let opening: Promise<Shared> | undefined;
const keeps = new Set<() => void>();
let streams = 0;

/** Opens what is kept, once for the page. */
async function open(limits: Required<OfflineLimits>, onTrouble: (trouble: Trouble) => void): Promise<Shared> {
  const store = new KeptStore(onTrouble);
  const pages = new LeftPages({ store, ...limits }, () => {
    for (const onChange of keeps) onChange();
  });
  let isOpen = await store.open();
  try {
    if (isOpen) await pages.live();
  } catch {
    isOpen = false;
    store.fail('denied');
  }
  if (isOpen) void store.sweep();
  return { store, pages, isOpen };
}

const made = new WeakMap<Element, readonly [route: string, keep: Promise<Keep | undefined>]>();

/** @returns What keeps the events of an island; undefined: the browser keeps nothing. */
export function keepOf(element: Element, code: string, given: true | OfflineLimits): Promise<Keep | undefined> {
  const route = element.getAttribute('route') ?? '';
  const [before, known] = made.get(element) ?? [];
  if (known && before === route) return known;
  const keep = createKeep(element, route, code, given === true ? {} : given);
  made.set(element, [route, keep]);
  return keep;
}

async function createKeep(
  element: Element,
  route: string,
  code: string,
  given: OfflineLimits,
): Promise<Keep | undefined> {
  const { maxAgeMs = defaultAgeMs, maxLength = defaultLength } = given;
  const limits = { maxLength, maxAgeMs: Math.min(maxAgeMs, repeatableMs) };
  opening ??= open(limits, (why) => tell('islet:unkept', route, { why }));
  const { store, pages, isOpen } = await opening;
  if (!isOpen) return undefined;
  /** Whose page this is: as its HTML says, until the server does. */
  let person = (element.shadowRoot ?? element).querySelector<HTMLElement>(':scope > script[data-person]')?.dataset
    .person;
  let who: Who | undefined;
  let island: PredictedIsland | undefined;
  let redraw: () => void = () => {};
  let messages = new WeakMap<OutgoingEvent, AnyMessage>();
  let started = new WeakSet<OutgoingEvent>();
  /** What the server has, as far as the island itself has heard. */
  let confirmed: unknown;
  let events: readonly OutgoingEvent[] = [];
  let model: { readonly epoch: string; readonly version: number; readonly text: string } | undefined;
  /** Whose model is shown: what was left is said there, or was just now. */
  let leading: LeftStream | undefined;
  /** The model that is kept, or about to be. */
  let written: unknown;
  let said = '';
  /** What has gone last: the island says next what has become of it. */
  let gone: readonly OutgoingEvent[] = [];

  const begin = async (): Promise<void> => {
    if (person === undefined) return;
    await pages.take(person);
    const found = await store.readModel(modelId(person, route));
    model = found && { ...found, text: found.model };
  };

  const isLive = (): boolean => (element as ServerComponent).state === 'live';
  const mine = (): readonly LeftStream[] => pages.streams.filter(({ record }) => record.route === route);
  const createStream = (): KeptStream => {
    const made = new KeptStream(
      {
        ...{ id: `${pages.page} ${++streams}`, page: pages.page, route, person: person ?? '', code, path: '' },
        ...{ session: null, attempt: 0, channel: 0, last: 0, who: undefined, at: Date.now() },
      },
      store,
      limits.maxLength,
    );
    made.onWritten = () => {
      show();
      island?.handler.onRoom();
    };
    return made;
  };
  let stream = createStream();

  /** Has others say what this island has done. @param connection As which it is known there still. */
  const leave = (connection?: Connection): void => {
    const old = stream;
    const given = events.filter((event) => old.has(event));
    if (!given[0]) return;
    stream = createStream();
    island?.remove((event) => given.includes(event));
    void pages.park(old, given, connection);
    show();
  };

  /** What goes on where nobody can say yet who does something. */
  const continued = (): LeftStream | undefined =>
    who ? undefined : mine().findLast(({ record }) => record.who && record.session !== null && record.code === code);

  const show = (): void => {
    // until the server has said who this is, not all that is done here can be shown
    if (!island || person === undefined || (!who && isLive())) return;
    const all = [...mine().map(({ keptEvents }) => keptEvents), stream.kept];
    const count = all.reduce((sum, each) => sum + each.events, 0);
    const since = all.reduce((first, each) => Math.min(first, each.since ?? first), Number.POSITIVE_INFINITY);
    const next = `${count} ${since}`;
    if (next === said) return;
    said = next;
    element.setAttribute('data-kept', String(count));
    if (count > 0) element.setAttribute('data-kept-since', new Date(since).toISOString());
    else element.removeAttribute('data-kept-since');
    tell('islet:kept', route, { events: count, since: count > 0 ? since : undefined });
  };

  /** Keeps the model, where a page would have to begin without the server. */
  const keepModel = (): void => {
    if (!island || !person || !who || element.getAttribute('route') !== route) return;
    const [epoch, version] = island.shown;
    if (confirmed === undefined || confirmed === written) return;
    written = confirmed;
    const text = JSON.stringify(confirmed);
    if (text.length > limits.maxLength) return;
    const id = modelId(person, route);
    void store.change(({ models }) => models.put({ id, epoch, version, model: text, at: Date.now() }));
  };

  const setLine = (): void => {
    if (!island || person === undefined) return;
    const [connection, channel] = island.line;
    if (!connection) return;
    const [session, attempt, path] = connection.line;
    pages.paths.set(route, path);
    stream.setLine({ session, attempt, path, channel, person, who });
  };

  keeps.add(() => {
    show();
    redraw();
    if (!mine()[0]) island?.handler.onRoom();
  });
  element.addEventListener('islet:state', (event) => {
    const { state } = (event as CustomEvent<{ readonly state: string }>).detail;
    if (state === 'live') pages.go();
    else keepModel();
  });
  for (const name of ['islet:refused', 'islet:dropped'])
    element.addEventListener(
      name,
      ({ detail }: CustomEventInit) => {
        // said here, or of an event that was never taken
        if (detail.what || (detail.event && detail.event !== gone[0]?.number)) return;
        const what = gone.map((event) => event.what);
        detail.what = detail.event ? what[0] : what;
      },
      true,
    );
  for (const name of ['pagehide', 'visibilitychange']) addEventListener(name, keepModel, true);

  await begin();
  const keep: Keep = {
    get who() {
      return who ?? continued()?.record.who;
    },
    attach(...given) {
      [island, redraw, messages, started] = given;
      show();
      const { shown, model: own } = island;
      if (!model || isLive()) return undefined;
      const { epoch, version, text } = model;
      // else the page's HTML is as new
      if (own && (epoch !== shown[0] || version <= shown[1])) return undefined;
      island.handler.live(epoch, version, 0);
      return text;
    },
    see(next, own) {
      confirmed = next;
      // an event of before can be found again only now
      if (own.some((event) => !stream.has(event))) queueMicrotask(() => keep.onEvents(events));
      const left = mine().flatMap((each) => (each.record.code === code ? each.events : []));
      for (const event of left) {
        if (messages.has(event) || !event.what?.message) continue;
        // the page that has done it has started its effects
        messages.set(event, event.what.message as AnyMessage);
        started.add(event);
      }
      const now = mine().find((each) => each.shown);
      const [epoch, version] = island?.shown ?? ['', 0];
      leading = now ?? leading;
      // the island may not have heard yet what has an outcome there
      const { shown } = leading ?? {};
      if (!now && (shown?.epoch !== epoch || shown.version <= version)) leading = undefined;
      return [leading && shown ? shown.model : confirmed, [...left, ...own]];
    },
    onEvents(next) {
      gone = events.filter((event) => !next.includes(event));
      events = [...next];
      for (const event of next) event.what ??= describe(event.type, messages.get(event), route, event.target);
      if (person === undefined) return undefined;
      // a later page has to know where to say it, also when this one has never been answered
      setLine();
      if (!continued() || !next[0]) return stream.update(next);
      queueMicrotask(() => {
        const other = continued();
        const given = other ? events.filter((event) => event.what && other.add(event)) : [];
        if (given[0]) island?.remove((event) => given.includes(event));
        stream.update(events);
      });
    },
    onWho(next, nextPerson) {
      // what another person did here is not this one's to do
      if (person !== undefined && nextPerson !== person) leave();
      who = next;
      const isKnown = nextPerson === person;
      person = nextPerson;
      if (!isKnown) written = undefined;
      setLine();
      if (person !== undefined) {
        stream.update(events);
        show();
        void pages.take(person).then(() => pages.go());
      }
    },
    leave(connection) {
      if (connection || stream.record.session !== null) leave(connection);
    },
    hold(event, number) {
      if (!event) return undefined;
      const why = stream.lossOf(event, limits.maxAgeMs);
      if (why) {
        tell('islet:dropped', route, { events: 1, why, targets: [event.target], what: [event.what] });
        return 0;
      }
      // those come first
      if (mine()[0]) return false;
      setLine();
      return stream.mayTell(event, number, events) ? undefined : false;
    },
  };
  return keep;
}
