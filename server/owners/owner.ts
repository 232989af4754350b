/*
 * A shared actor that this process owns, as its edges see it: this process's own edge and those of others alike. Input:
 * questions and events of edges. Output: answers, and news for all edges: each patch once, with what became of events in
 * its turn.
 */

import type { ErrorCode } from '../../shared/language/errors.ts';
import type { Json } from '../../shared/language/events.ts';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Have } from '../../shared/wire/frames.ts';
import type { Arrival, Known, Part, ReadModel, Subscriber } from '../actors/actor-port.ts';
import type { LiveActor } from '../actors/live-actor.ts';
import { RecentNumbers } from '../actors/recent-numbers.ts';
import { AttributeSource } from './attribute-source.ts';
import { EdgeClient, type Teller } from './edge-client.ts';
import type { Answer, Ask, ClientEvents, News, ToldOutcome, Viewer } from './frames.ts';

export interface OwnerOptions {
  /** Of its claim: who has a higher one is the owner. */
  readonly term: number;
  readonly actor: LiveActor;
  readonly clock: Clock;
  /** How long an edge may be silent before those who look there count as gone. */
  readonly leaseMs: number;
  /** How long the numbers of those who have gone are known. */
  readonly sessionMs: number;
  /** Says it to all edges. */
  say(news: News): void;
  /** Whether nobody else has claimed it, as the store has it. */
  isStill(): Promise<boolean>;
}

/** An edge that has asked. */
interface Lease {
  viewers: number;
  timer: unknown;
  /** Who has come there. */
  readonly names: Set<string>;
}

export class Owner implements Teller, Subscriber {
  readonly actor: LiveActor;
  readonly term: number;
  // It is told of patches, for all edges.
  readonly channel = 0;
  readonly client = { id: '', user: null };
  readonly name = undefined;
  readonly account = undefined;
  readonly attempt = 0;
  readonly sealed = 0;
  readonly refusals = [];
  readonly isHeldBack = false;
  private readonly options: OwnerOptions;
  private readonly leases = new Map<string, Lease>();
  private readonly clients = new Map<string, EdgeClient>();
  /** Numbers of those who have gone, and may come at another edge. */
  private readonly gone: RecentNumbers<Known>;
  /** Edges whose pages have set attributes, by what their numbers are kept under. */
  private readonly sources = new Map<string, AttributeSource>();
  /** Clients with outcomes that are to be told with the next patch. */
  private readonly due = new Set<EdgeClient>();
  /** What became of events, by client, and is said in a moment. */
  private readonly untold = new Map<string, ToldOutcome>();
  private isTelling = false;
  private isOver = false;

  constructor(options: OwnerOptions) {
    this.options = options;
    this.actor = options.actor;
    this.term = options.term;
    this.gone = new RecentNumbers(options.sessionMs);
  }

  /** Other edges than that of this process. */
  hasEdgesBesides(edge: string): boolean {
    return this.leases.size > (this.leases.has(edge) ? 1 : 0);
  }

  /** Answers an edge. */
  handle(ask: Ask): Answer | Promise<Answer> {
    const { term, actor } = this;
    if (this.isOver) return { kind: 'moved', term: 0 };
    if ('term' in ask && (ask.kind === 'look' ? ask.term > term : ask.term !== term)) return { kind: 'moved', term };
    switch (ask.kind) {
      case 'who':
        return { kind: 'here', term };
      case 'look':
        return this.look(ask);
      case 'events':
        return this.takeEvents(ask.edge, ask.clients);
      case 'bring':
        return this.bring(ask.have ?? undefined, ask.isNew);
      case 'part':
        return new Promise((resolve) => {
          const take = (part: Part | Arrival | undefined): boolean => {
            resolve({ kind: 'part', part: part ?? null });
            return true;
          };
          actor.part(ask.instance, take, () => {});
        });
      case 'since':
        return this.whenReadable(() => {
          const { epoch, version } = actor;
          const isSame = epoch === ask.epoch;
          const patch = isSame ? (actor.since(ask.version) ?? null) : null;
          const model = isSame ? (actor.modelSince(ask.version) ?? null) : null;
          return { kind: 'since', epoch, version, patch, model, known: ask.known.map((name) => this.recall(name)) };
        });
      case 'html':
        return new Promise((resolve) => actor.html((chunks) => resolve({ kind: 'html', chunks: chunks ?? null })));
      case 'send':
        return new Promise((resolve) => {
          actor.send(ask.message, ask.key, (outcome) => resolve({ kind: 'sent', outcome: outcome ?? null }));
        });
      case 'model':
        return new Promise((resolve) => actor.model((read) => resolve({ kind: 'model', read: toRead(read) })));
      case 'attributes':
        return this.sourceOf(ask.from)
          .take(ask.changes)
          .then((isDone) => ({ kind: 'sent', outcome: isDone ? 'done' : null }));
    }
  }

  /** Another one is the owner, or nobody: nothing is said any more. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    for (const { timer } of this.leases.values()) this.options.clock.clearTimeout(timer);
    this.leases.clear();
    this.clients.clear();
    for (const source of this.sources.values()) source.end();
    this.sources.clear();
  }

  /** What was done since the last commit will never be kept: those who did it are told. */
  refuseAll(code: ErrorCode): void {
    for (const client of this.clients.values()) client.refuseAll(code);
    const outcomes = [...this.clients.values()].map((client) => client.takeOutcome());
    this.sayTurn('', outcomes);
  }

  // What the actor says.

  sendPatch(patch: string, _: unknown, model?: string): void {
    for (const client of this.due) this.take(client);
    this.sayTurn(patch, this.takeUntold(), model);
  }

  mount(): void {
    const { epoch, version } = this.actor;
    this.say({ kind: 'shown', term: this.term, epoch, version });
  }

  revive(): void {
    this.say({ kind: 'revived', term: this.term });
  }

  fail(code: ErrorCode | undefined): void {
    if (code !== undefined) this.say({ kind: 'failed', term: this.term, code });
  }

  onSaving(isSaving: boolean): void {
    this.say({ kind: 'saving', term: this.term, isSaving });
  }

  // It has no events of its own, and does not move.

  sendOutcomes(): void {}
  moveTo(): void {}
  lose(): void {}
  expectAgain(): void {}
  seal(): void {}
  onKept(): void {}
  onHandled(): void {}
  onRefused(): void {}

  // What becomes of events.

  note(client: EdgeClient): void {
    this.due.add(client);
  }

  tell(client: EdgeClient): void {
    // as it is now: what comes before it is said is the next turn's
    this.take(client);
    if (this.isTelling) return;
    this.isTelling = true;
    // those of one turn together
    queueMicrotask(() => {
      this.isTelling = false;
      if (this.untold.size > 0) this.sayTurn('', this.takeUntold());
    });
  }

  private take(client: EdgeClient): void {
    this.untold.set(client.name, client.takeOutcome());
    // what is gathered for the next turn is told with that
    if (client.isAnswerDue) this.due.add(client);
    else this.due.delete(client);
    this.remember(client);
  }

  private takeUntold(): ToldOutcome[] {
    const outcomes = [...this.untold.values()];
    this.untold.clear();
    return outcomes;
  }

  private sayTurn(patch: string, outcomes: readonly ToldOutcome[], model: string | null = null): void {
    this.say({ kind: 'turn', term: this.term, version: this.actor.version, patch, model, outcomes });
  }

  private say(news: News): void {
    if (!this.isOver) this.options.say(news);
  }

  // What edges ask.

  private look({ edge, viewers, come, gone, known }: Extract<Ask, { kind: 'look' }>): Promise<Answer> | Answer {
    this.renew(edge, viewers);
    for (const { name, attempt, hasLeft } of gone) this.go(edge, name, attempt, hasLeft);
    for (const viewer of come) {
      const client = this.clientOf(edge, viewer);
      if (!client) continue;
      this.leases.get(edge)?.names.add(client.name);
      if (client.hasCome) continue;
      client.hasCome = true;
      this.actor.come(client);
    }
    return this.whenReadable(() => {
      const { actor, term } = this;
      const { epoch, version, hasFailed } = actor;
      // plain JSON, as it was sent to pages
      const provided = [...(actor.provided ?? [])] as [string, Json][];
      const present = this.leases.get(edge)?.names.size ?? 0;
      const outcomes = known.map((each) => this.recall(each));
      return {
        kind: 'state',
        term,
        epoch,
        version,
        hasFailed,
        code: actor.code ?? null,
        drawn: actor.drawn ?? null,
        provided,
        present,
        known: outcomes,
      };
    });
  }

  private async bring(have: Have | undefined, isNew: boolean): Promise<Answer> {
    const { actor, term } = this;
    // who has seen more than there is here has seen it at a later owner
    const isAhead = have !== undefined && have[0] === actor.epoch && have[1] > actor.version;
    if (isAhead && !(await this.options.isStill())) return { kind: 'moved', term };
    return new Promise((resolve) => {
      const take = (arrival: Arrival | undefined): boolean => {
        resolve({ kind: 'arrival', arrival: arrival ?? null });
        return true;
      };
      actor.bring(have, isNew, take, () => {});
    });
  }

  private recall(name: string): ToldOutcome {
    const client = this.clients.get(name);
    if (client) return client.listOutcome();
    const { isUnknown, event, refused } = this.knownOf(name);
    return { name, upTo: isUnknown ? -1 : event, refused };
  }

  private knownOf(name: string): Known {
    const gone = this.gone.get(name);
    if (gone !== undefined) return gone;
    const known = this.actor.recall(name);
    if (known.event > 0 || known.refused.length > 0) return known;
    return { event: 0, refused: [], isUnknown: this.actor.hasDropped };
  }

  private takeEvents(edge: string, clients: readonly ClientEvents[]): Answer {
    const gaps: string[] = [];
    for (const sent of clients) {
      const client = this.clientOf(edge, sent);
      if (client?.takeEvents(sent)) gaps.push(sent.name);
    }
    return { kind: 'taken', gaps };
  }

  /** Who it is, if its page has not gone on to another edge. */
  private clientOf(edge: string, viewer: Viewer): EdgeClient | undefined {
    const { name, attempt } = viewer;
    const present = this.clients.get(name);
    if (present === undefined) {
      const client = new EdgeClient(viewer, edge, this.knownOf(name), this);
      this.clients.set(name, client);
      return client;
    }
    if (attempt < present.attempt) return undefined;
    if (attempt > present.attempt) present.comeAgain(attempt);
    present.isLeaving = false;
    if (present.edge !== edge) this.leases.get(present.edge)?.names.delete(name);
    present.edge = edge;
    return present;
  }

  private sourceOf(name: string): AttributeSource {
    const source = this.sources.get(name) ?? new AttributeSource(name, this.actor);
    this.sources.set(name, source);
    return source;
  }

  private go(edge: string, name: string, attempt: number, hasLeft: boolean): void {
    const client = this.clients.get(name);
    if (!client || client.edge !== edge || client.attempt > attempt) return;
    this.leases.get(edge)?.names.delete(name);
    if (client.hasCome) this.actor.go(client);
    client.hasCome = false;
    if (hasLeft) {
      this.clients.delete(name);
      this.due.delete(client);
      this.actor.forget(client);
      return;
    }
    client.isLeaving = true;
    // no sooner than what is being committed is
    this.actor.whenReadable(() => this.remember(client));
  }

  /**
   * Of who has left, the numbers are enough, once all events have an outcome: until then whoever comes by this name is
   * the same, else what still waits here would be done, and what is said again elsewhere, too.
   */
  private remember(client: EdgeClient): void {
    const { name } = client;
    if (!client.isLeaving || client.isPending || this.clients.get(name) !== client) return;
    this.clients.delete(name);
    this.due.delete(client);
    const { upTo, refused } = client.listOutcome();
    this.gone.set(name, { event: Math.max(0, upTo), refused, isUnknown: upTo < 0 });
  }

  private renew(edge: string, viewers: number): void {
    const { clock, leaseMs } = this.options;
    const lease: Lease = this.leases.get(edge) ?? { viewers: 0, timer: undefined, names: new Set() };
    clock.clearTimeout(lease.timer);
    lease.viewers = viewers;
    lease.timer = clock.setTimeout(() => this.endLease(edge), leaseMs);
    this.leases.set(edge, lease);
    if (viewers === 0) this.endLease(edge);
    else this.count();
  }

  private endLease(edge: string): void {
    const lease = this.leases.get(edge);
    if (!lease) return;
    this.options.clock.clearTimeout(lease.timer);
    this.leases.delete(edge);
    for (const name of lease.names) this.go(edge, name, this.clients.get(name)?.attempt ?? 0, false);
    this.count();
  }

  private count(): void {
    let crowd = 0;
    for (const { viewers } of this.leases.values()) crowd += viewers;
    // this one is a subscriber, too
    this.actor.crowd = Math.max(0, crowd - 1);
    const isAttached = this.actor.subscribers.has(this);
    if (crowd > 0 && !isAttached) this.actor.attach(this);
    else if (crowd === 0 && isAttached) this.actor.detach(this);
  }

  private whenReadable(answer: () => Answer): Promise<Answer> {
    const { term } = this;
    return new Promise((resolve) => {
      this.actor.whenReadable((isThere) => resolve(isThere && !this.isOver ? answer() : { kind: 'moved', term }));
    });
  }
}

/** What JSON cannot say of a model is left out, as it is in all that goes to others. */
function toRead(read: ReadModel): Extract<Answer, { kind: 'model' }>['read'] {
  if (read === undefined || 'code' in read) return read ?? null;
  return { model: (read.model ?? null) as Json };
}
