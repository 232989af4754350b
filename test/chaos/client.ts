// A light client in a bad network: it is that of `server/testing/`, written from docs/protocol.md alone, with a shared
// island and one of its own. Input: where to connect to, and a seed. It keeps book of what it sent and of what it was
// told.

import { LightClient } from '../../server/testing/client.ts';
import type { LightIsland } from '../../server/testing/light-island.ts';
import { connectTo } from '../support/connect-to.ts';
import { eventHole } from './ledger.ts';
import type { Random } from './random.ts';

export const routes = { shared: '/ws/shared', own: '/ws/own' };

/** What somebody knows of one of its islands. */
export interface Island {
  readonly light: LightIsland;
  readonly tree: LightIsland['tree'];
  readonly version: number;
  /** Events that have a number and no outcome, and those without a number. */
  readonly waiting: readonly unknown[];
  readonly unsent: readonly unknown[];
  /** Whose events they are in the ledger. */
  readonly sender: string;
  /** Ids of events: all from 1 up to this one were made. */
  readonly made: number;
  /** Events that this client was told about that they were not, or perhaps not, applied: id and why. */
  readonly told: ReadonlyMap<number, string>;
}

class SentTo implements Island {
  readonly light: LightIsland;
  readonly sender: string;
  made = 0;
  readonly told = new Map<number, string>();

  constructor(light: LightIsland, sender: string) {
    this.light = light;
    this.sender = sender;
  }

  get tree(): LightIsland['tree'] {
    return this.light.tree;
  }

  get version(): number {
    return this.light.version;
  }

  get waiting(): readonly unknown[] {
    return this.light.waiting;
  }

  get unsent(): readonly unknown[] {
    return this.light.unsent;
  }
}

export interface ClientOptions {
  readonly name: string;
  /** Where its islands are. Default: those of the chaos. */
  readonly routes?: { readonly shared: string; readonly own: string };
  /** Events without an outcome go to the place where they happened, should another tree be shown there. Default: no. */
  readonly keepsPlace?: boolean;
  readonly random: Random;
  /** `ws://127.0.0.1:port/islet`. */
  readonly url: string;
}

export class Client {
  readonly islands: readonly [shared: Island, own: Island];
  private readonly light: LightClient;
  private readonly random: Random;
  private readonly sentTo: readonly [SentTo, SentTo];

  constructor({ name, random, url, routes: at = routes, keepsPlace = false }: ClientOptions) {
    this.random = random;
    this.light = new LightClient({
      connect: connectTo(url),
      retryMs: (failures) => random.between(0, Math.min(300, 10 * 2 ** failures)),
      patienceMs: 400,
      ...(keepsPlace && {
        placeOf: (light, press) => ({ ...press, epoch: light.epoch, instance: light.tree.rootId }),
      }),
    });
    this.sentTo = [
      new SentTo(this.light.join(at.shared), `${name}.shared`),
      new SentTo(this.light.join(at.own), `${name}.own`),
    ];
    this.islands = this.sentTo;
  }

  get disconnects(): number {
    return this.light.disconnects;
  }

  /** What must not happen. */
  get faults(): readonly string[] {
    return this.light.faults;
  }

  set patienceMs(ms: number) {
    this.light.patienceMs = ms;
  }

  get isQuiet(): boolean {
    return this.islands.every(({ light }) => light.isQuiet);
  }

  /** Connects, and stays so until `end`. */
  start(): void {
    this.light.start();
  }

  /** Makes an event on one of the islands; it is sent when that is possible. */
  act(): void {
    const island = this.random.oneOf<SentTo>(this.sentTo);
    const { light, sender, told } = island;
    const id = ++island.made;
    const data = { detail: { sender, id } };
    const press = () => ({ epoch: light.epoch, instance: light.tree.rootId, hole: eventHole, data });
    void this.light.act(light, press).then((outcome) => {
      if (outcome.kind !== 'applied') told.set(id, outcome.kind === 'refused' ? outcome.code : outcome.why);
    });
    // what the server has had does nothing, however often it comes
    if (light.isJoined && this.random.next() < 0.05) this.light.repeat(light);
  }

  /** Asks for an island anew; resolves to whether that is what was shown, ids included. */
  async isTrue({ light }: Island): Promise<boolean> {
    const shown = light.tree.toText();
    const mounted = this.light.askAnew(light).then(() => light.tree.toText() === shown);
    return Promise.race([mounted, new Promise<false>((resolve) => setTimeout(resolve, 5_000, false))]);
  }

  /** Leaves, as a page that is closed. Resolves when the connection has ended. */
  end(): Promise<void> {
    return this.light.end();
  }
}
