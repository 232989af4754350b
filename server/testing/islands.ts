/*
 * The islands of one page without a browser: each `<server-component>` of the document is joined, drawn, and left when
 * its element has gone. Input: a document, and how to connect. Output: what the page does is told to the islands it
 * happened in.
 */

import { type Connect, LightClient } from './client.ts';
import { Drawing, stateOf } from './drawing.ts';
import { dispatch, type EventExtra, type Heard, type Reach } from './events.ts';
import type { LightIsland, Outcome } from './light-island.ts';
import { attributeOf, type Element, elementsAround, elementsIn, isElement, ownTextOf, type Parent } from './nodes.ts';
import type { Json } from './tree.ts';

/** A custom event that an island fired. */
export interface Emitted {
  /** The route of its island. */
  readonly route: string;
  readonly name: string;
  readonly detail: unknown;
}

/** How long the server may take to answer, and how often that is looked at. */
const patienceMs = 5_000;
const lookMs = 100;

interface Shown {
  readonly element: Element;
  readonly light: LightIsland;
  readonly drawing: Drawing;
  /** Whether its content is the island's: before it is joined, it is what the server wrote into the page. */
  isDrawn: boolean;
}

export class Islands {
  readonly emitted: Emitted[] = [];
  private readonly document: Parent;
  private readonly client: LightClient;
  private readonly shown = new Map<Element, Shown>();
  private readonly watchers = new Set<() => void>();
  private readonly reach: Reach = { page: () => elementsIn(this.document), spent: new WeakSet() };
  private isDirty = false;
  private isStarted = false;

  constructor(document: Parent, connect: Connect) {
    this.document = document;
    this.client = new LightClient({
      connect,
      retryMs: () => 10,
      onChange: () => {
        this.isDirty = true;
        this.update();
        for (const watcher of this.watchers) watcher();
      },
      onEmit: (light, name, detail, options) => this.emit(light, name, detail, options),
    });
    this.findIslands();
  }

  get isEmpty(): boolean {
    return this.shown.size === 0;
  }

  get all(): readonly LightIsland[] {
    return [...this.shown.values()].map(({ light }) => light);
  }

  /** Where the app sends this page, since an island of it may not be seen any more (`revoke`). */
  get redirect(): string | undefined {
    return this.all.find(({ error }) => error?.redirect !== undefined)?.error?.redirect;
  }

  /** What went wrong between the page and the server. */
  get faults(): readonly string[] {
    return this.client.faults;
  }

  /** Draws what has come, and joins or leaves islands that came or went with it. */
  update(): void {
    if (!this.isDirty) return;
    this.isDirty = false;
    for (const each of this.shown.values()) {
      const { light, drawing } = each;
      if (light.isJoined || (light.error && each.isDrawn) || light.error?.code.includes('FORBIDDEN'))
        each.isDrawn = true;
      if (each.isDrawn) drawing.draw();
    }
    this.findIslands();
  }

  /** Resolves when something has changed. */
  change(): Promise<void> {
    return new Promise((resolve) => {
      const watcher = (): void => {
        this.watchers.delete(watcher);
        resolve();
      };
      this.watchers.add(watcher);
    });
  }

  /** Fires an event; resolves to what became of it wherever it was heard, once that is known. */
  async fire(target: Element, name: string, extra: EventExtra = {}): Promise<{ isPrevented: boolean; heard: number }> {
    const { heard, isPrevented } = dispatch(target, name, this.reach, extra);
    for (const { ear, isLast } of heard) if (isLast) this.reach.spent.add(ear);
    const outcomes = await this.patiently(Promise.all(heard.map((each) => this.tell(each))), name);
    for (const [index, outcome] of outcomes.entries()) {
      settle((heard[index] as Heard).element);
      settle(target);
      if (outcome.kind === 'refused') throw new Error(`${outcome.code}: ${outcome.message} (${name})`);
      if (outcome.kind === 'dropped') throw new Error(`The event ${name} was dropped: ${outcome.why}.`);
    }
    return { isPrevented, heard: heard.length };
  }

  /** Whether anybody hears an event of an element. */
  isHeard(target: Element, name: string): boolean {
    return dispatch(target, name, this.reach).heard.length > 0;
  }

  /** Resolves when the server has read all that was sent, and what it sent at once has come. */
  probed(): Promise<void> {
    return this.patiently(this.client.probe(), 'a probe');
  }

  cut(): void {
    this.client.cut();
  }

  restore(): void {
    this.client.restore();
  }

  async end(): Promise<void> {
    if (this.isStarted) await this.client.end();
  }

  /**
   * Waits for outcomes, for five seconds while the page is connected, and for five while it is cut. A timer of its own
   * keeps the process alive meanwhile: those of servers do not.
   */
  private async patiently<Outcomes>(outcomes: Promise<Outcomes>, name: string): Promise<Outcomes> {
    let [waited, cut] = [0, 0];
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setInterval(() => {
        if (this.client.isCut) cut += lookMs;
        else waited += lookMs;
        const order = `begin ${name}, call restore(), and then await it`;
        if (cut >= patienceMs)
          reject(new Error(`What became of ${name} is not known while the connection is cut: ${order}.`));
        const hint = 'Does the server wait for its clock? With one that you move by hand, move it.';
        if (waited >= patienceMs) reject(new Error(`The server has not said what became of ${name}. ${hint}`));
      }, lookMs);
    });
    return Promise.race([outcomes, late]).finally(() => clearInterval(timer));
  }

  private tell({ element, ear, data }: Heard): Promise<Outcome> {
    const island = this.islandOf(element);
    if (!island) return Promise.resolve({ kind: 'dropped', why: 'its island has gone' });
    const { light } = island;
    const { epoch } = light;
    return this.client.act(light, () => ({ epoch, instance: ear.instance, hole: ear.hole, data }));
  }

  private islandOf(element: Element): Shown | undefined {
    for (const each of elementsAround(element)) {
      const shown = this.shown.get(each);
      if (shown) return shown;
    }
    return undefined;
  }

  private emit(light: LightIsland, name: string, detail: Json, options: Json): void {
    this.emitted.push({ route: light.route, name, detail });
    const host = [...this.shown.values()].find((each) => each.light === light)?.element;
    const bubbles = !(
      typeof options === 'object' &&
      options !== null &&
      'bubbles' in options &&
      options.bubbles === false
    );
    if (!host) return;
    // what it belongs to is drawn first, as in a browser
    this.isDirty = true;
    for (const heard of dispatch(host, name, this.reach, { detail }, bubbles).heard) void this.tell(heard);
  }

  private findIslands(): void {
    const present = new Set<Element>();
    for (const element of elementsIn(this.document)) {
      if (element.tagName !== 'server-component') continue;
      const outer = [...elementsAround(element)].find(({ tagName }) => tagName === 'server-component');
      // what stands in an island that is not joined yet will be drawn anew
      if (outer && !this.shown.get(outer)?.isDrawn) continue;
      present.add(element);
      const { light } = this.shown.get(element) ?? {};
      if (light) this.tellAttributes(light, attributesOf(element));
      else this.add(element);
    }
    for (const [element, { light }] of this.shown) {
      if (present.has(element)) continue;
      this.shown.delete(element);
      this.client.leave(light);
    }
  }

  /** What counts of them and has changed, as by a patch of the island around it, is told. */
  private tellAttributes(light: LightIsland, attributes: LightIsland['attributes']): void {
    const told = light.attributes;
    light.attributes = attributes;
    for (const name of light.names ?? []) {
      const text = attributes[name] ?? null;
      if (text !== (told[name] ?? null)) this.client.changeAttribute(light, name, text);
    }
  }

  private add(element: Element): void {
    const route = attributeOf(element, 'route') ?? '';
    const light = this.client.join(route, attributesOf(element), namesOf(element));
    this.shown.set(element, { element, light, drawing: new Drawing(light.tree, element), isDrawn: false });
    if (!this.isStarted) {
      this.isStarted = true;
      this.client.start();
    }
  }
}

/** A control that was reported, and has settled, shows the model, also when the model refused. */
function settle(element: Element): void {
  const { bound, properties } = stateOf(element);
  for (const name of ['value', 'checked']) if (bound.has(name)) properties.set(name, bound.get(name) ?? null);
}

function attributesOf(element: Element): LightIsland['attributes'] {
  return Object.fromEntries(
    element.attrs.filter(({ name }) => name !== 'route').map(({ name, value }) => [name, value]),
  );
}

/** The attributes that count, which the page names behind an island's content. */
function namesOf(element: Element): readonly string[] | undefined {
  const last = element.childNodes.findLast(isElement);
  if (last?.tagName !== 'script' || attributeOf(last, 'type') !== 'application/json') return undefined;
  const names = (JSON.parse(ownTextOf(last)) as Json[])[6];
  return Array.isArray(names) ? (names as string[]) : [];
}
