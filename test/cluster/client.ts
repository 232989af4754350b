// A light client of a cluster: its page has a shared island, one of which nothing is kept, and one of its own, and each of its connections goes to a
// server drawn by lot, as behind a proxy. It keeps book of what it did, of what it was told and when, and hands in what
// it is shown.

import { type Connect, LightClient, type LightSocket } from '../../server/testing/client.ts';
import type { LightIsland, Outcome } from '../../server/testing/light-island.ts';
import type { Random } from '../chaos/random.ts';
import { connectTo } from '../support/connect-to.ts';
import { type Deed, holes, routes } from './tally.ts';

/** Something that a client did, and what it was told of it. */
export interface Act {
  readonly deed: Deed;
  readonly atMs: number;
  readonly isPlain: boolean;
  toldMs?: number;
  outcome?: Outcome;
}

export interface IslandBook {
  readonly light: LightIsland;
  readonly sender: string;
  /** In the order of their ids, from 1. */
  readonly acts: Act[];
  /** So many of them were made in sessions that have ended. */
  before: number;
}

export interface ClusterClientOptions {
  readonly name: string;
  /** Which of the shared actors it looks at. */
  readonly key: string;
  readonly ports: readonly [number, ...number[]];
  readonly random: Random;
  /** How long nothing may come, before it asks, and before it leaves. */
  readonly patienceMs: number;
  /** A shared island may show something new. */
  onShown(client: ClusterClient): void;
}

export class ClusterClient {
  readonly shared: IslandBook;
  readonly own: IslandBook;
  readonly loose: IslandBook;
  readonly light: LightClient;
  /** The highest version that was shown of each epoch. */
  readonly versions = new Map<string, number>();
  moves = 0;
  private readonly random: Random;
  private socket: LightSocket | undefined;
  private session: string | undefined;

  constructor({ name, key, ports, random, patienceMs, onShown }: ClusterClientOptions) {
    this.random = random;
    const connectToAny = connectTo(() => `ws://127.0.0.1:${random.oneOf(ports)}/islet`, { handshakeMs: 1_000 });
    const connect: Connect = (listener) => {
      this.socket = connectToAny({
        ...listener,
        onText: (text) => {
          this.noteSession(text);
          listener.onText(text);
          onShown(this);
        },
      });
      return this.socket;
    };
    this.light = new LightClient({
      connect,
      retryMs: (failures) => random.between(20, Math.min(500, 100 * 2 ** failures)),
      patienceMs,
      placeOf: (light, press) => ({ ...press, epoch: light.epoch, instance: light.tree.rootId }),
    });
    const join = (route: string, what: string): IslandBook => ({
      light: this.light.join(route),
      sender: `${name}.${what}`,
      acts: [],
      before: 0,
    });
    this.shared = join(`${routes.shared}/${key}`, 'shared');
    this.own = join(routes.own, 'own');
    this.loose = join(`${routes.loose}/${key}`, 'loose');
  }

  get isQuiet(): boolean {
    return [this.shared, this.own, this.loose].every(({ light }) => light.isQuiet);
  }

  /** Does something, on one of its islands. */
  act(deed: Deed, nowMs: () => number): void {
    const lot = this.random.next();
    const book = deed === 'slow' || lot < 0.7 ? this.shared : lot < 0.85 ? this.own : this.loose;
    const { light, sender, acts } = book;
    const act: Act = { deed, atMs: nowMs(), isPlain: deed === 'click' || deed === 'type' };
    const id = acts.push(act);
    const data = {
      detail: { sender, id, deed },
      ...(deed === 'type' && { value: 'what was typed '.slice(0, 1 + (id % 15)) }),
    };
    const hole = deed === 'type' ? holes.type : holes.click;
    const press = () => ({ epoch: light.epoch, instance: light.tree.rootId, hole, data });
    void this.light.act(light, press).then((outcome) => {
      act.outcome = outcome;
      act.toldMs = nowMs();
    });
  }

  /** An island of its own begins anew with a new session. */
  private noteSession(text: string): void {
    if (!text.startsWith('[0,"hello"')) return;
    const [, , session] = JSON.parse(text) as [number, string, string];
    if (session !== this.session && this.session !== undefined) this.own.before = this.own.acts.length;
    this.session = session;
  }

  /** Loses its connection, and comes back, most often to another server. */
  move(): void {
    this.moves++;
    this.socket?.terminate();
  }

  /** Asks for its shared island anew; resolves to whether that is what was shown. */
  async isTrue(): Promise<boolean> {
    const { light } = this.shared;
    const shown = light.tree.toText();
    const anew = this.light.askAnew(light).then(() => light.tree.toText() === shown);
    return Promise.race([anew, new Promise<false>((resolve) => setTimeout(resolve, 5_000, false))]);
  }
}
