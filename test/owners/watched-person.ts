// Somebody at a simulated cluster, and what must hold of all that they are told and shown, at each moment and in the end.
// Input: a client, and what is true (`ledger.ts`). Output: what is wrong, in words.

import type { LightClient } from '../../server/testing/client.ts';
import type { LightIsland, Outcome, Waiting } from '../../server/testing/light-island.ts';
import type { Entry, Truth } from './ledger.ts';

/** What all have been shown, and what is wrong. */
export interface Watch {
  readonly truth: Truth;
  /** Each event is done exactly once; else at most once, and it may be told that nobody knows. */
  readonly isKept: boolean;
  /** What each version of an epoch is shown as. */
  readonly shown: Map<string, string>;
  readonly wrong: string[];
}

export class WatchedPerson {
  readonly name: string;
  readonly client: LightClient;
  readonly island: LightIsland;
  made = 0;
  readonly outcomes = new Map<number, Outcome>();
  private readonly watch: Watch;
  private highest = { epoch: '', version: -1 };
  private waiting: readonly Waiting[] = [];
  /** How often another life was shown than before; and how often until each event was made. */
  private lives = 0;
  private readonly livesAt = new Map<number, number>();

  constructor(name: string, client: LightClient, route: string, watch: Watch) {
    this.name = name;
    this.client = client;
    this.watch = watch;
    this.island = client.join(route);
  }

  act(): void {
    const { island, name } = this;
    const id = ++this.made;
    this.livesAt.set(id, this.lives);
    const data = { detail: { sender: name, id } };
    const press = () => ({ epoch: island.epoch, instance: island.tree.rootId, hole: 0, data });
    void this.client.act(island, press).then((outcome) => this.hear(id, outcome));
  }

  /** A frame was read. */
  look(): void {
    const { wrong, shown } = this.watch;
    const { route, epoch, version, tree, isJoined } = this.island;
    if (!isJoined || version < 0) return;
    const { highest, name } = this;
    const text = tree.toWords();
    const shownAt = `${route} ${epoch} ${version}`;
    const known = shown.get(shownAt);
    if (known === undefined) shown.set(shownAt, text);
    else if (known !== text) wrong.push(`version ${version} is shown in two ways: ${known} | ${text}`);
    if (epoch === highest.epoch && version < highest.version)
      wrong.push(`${name} went back from version ${highest.version} to ${version}`);
    if (epoch !== highest.epoch) this.lives++;
    this.highest = { epoch, version };
    this.compareOutcomes(text);
  }

  /** What was done is shown when it is told. */
  private compareOutcomes(text: string): void {
    const { island, name, watch } = this;
    const { waiting } = island;
    const told = this.waiting.filter((each) => !each.isRefused && !waiting.includes(each));
    this.waiting = [...waiting];
    const total = Number(/\d+/.exec(text)?.[0]);
    for (const { data, epoch } of told) {
      const { id } = (data as unknown as { readonly detail: Entry }).detail;
      // of another life than is shown nothing is to be seen
      if (epoch !== island.epoch) continue;
      const at = watch.truth.find({ sender: name, id }).at(-1)?.total ?? 0;
      if (at > total) watch.wrong.push(`told before it is shown: ${name} ${id} at ${total}, done at ${at}`);
    }
  }

  private hear(id: number, outcome: Outcome): void {
    const { name, outcomes, watch } = this;
    outcomes.set(id, outcome);
    const { isKept, truth, wrong } = watch;
    if (outcome.kind === 'applied' && truth.find({ sender: name, id }).length === 0)
      wrong.push(`told before it was ${isKept ? 'kept' : 'done'}: ${name} ${id}`);
    if (outcome.kind === 'dropped' && !isKept && this.lives === this.livesAt.get(id))
      wrong.push(`dropped, and what it was done to goes on: ${name} ${id}: ${outcome.why}`);
  }

  /** Compares what was done with what was told, when all is over. */
  judge(): void {
    const { name, made, outcomes, island, watch } = this;
    const { truth, wrong, isKept } = watch;
    for (const { log } of truth.all()) {
      const ids = (log[name] ?? []).map(([id]) => id);
      if (ids.some((id, at) => at > 0 && id < (ids[at - 1] as number)))
        wrong.push(`out of order: ${name} ${ids.join(' ')}`);
    }
    for (let id = 1; id <= made; id++) {
      const outcome = outcomes.get(id);
      const done = truth.find({ sender: name, id });
      if (done.length > 1) wrong.push(`doubled: ${name} ${id} ${JSON.stringify(done)}`);
      if (outcome === undefined)
        wrong.push(`without an outcome: ${name} ${id} (${island.isJoined ? 'joined' : 'not joined'})`);
      else if (outcome.kind === 'applied' && done.length === 0) wrong.push(`lost: ${name} ${id}`);
      else if (outcome.kind === 'refused' && done.length > 0) wrong.push(`told wrongly: ${name} ${id} was refused`);
      else if (outcome.kind === 'dropped' && isKept) wrong.push(`dropped: ${name} ${id}: ${outcome.why}`);
      else if (outcome.kind === 'refused' && outcome.code !== 'ISLET_ERR_MESSAGE_REFUSED')
        wrong.push(`refused: ${name} ${id}: ${outcome.code}`);
    }
  }
}
