/*
 * Who runs which shared actor, where several processes run one app: each actor has one owner among them, and every
 * process whose pages look at it is an edge. Input: joins, what is heard on the bus, and the store, which grants claims.
 * Output: edges for sessions; actors that this process owns, for edges anywhere.
 */

import { randomBytes } from 'node:crypto';
import type { Clock } from '../../shared/runtime/clock.ts';
import type { Chunk } from '../../shared/tree/html.ts';
import type { ActorPort } from '../actors/actor-port.ts';
import type { Registry, SharedActors } from '../actors/registry.ts';
import type { Match } from '../actors/routes.ts';
import { type Bus, BusError, type BusMessage } from '../cluster/bus.ts';
import { type Subject, toSubject } from '../cluster/subject.ts';
import type { Counters } from '../inspect/counters.ts';
import type { Log } from '../inspect/log.ts';
import { serverAccount } from '../limits/account.ts';
import type { Settings } from '../options.ts';
import type { Waits } from '../waits.ts';
import { Claiming, type ClaimingOwner, type Owned } from './claiming.ts';
import { Edge, type EdgeHome } from './edge.ts';
import type { NoAnswer } from './edge-link.ts';
import {
  type Answer,
  type Ask,
  decodeAnswer,
  decodeNews,
  encodeFrame,
  encodeNews,
  type News,
  otherVersionOf,
  protocol,
} from './frames.ts';
import { unownedHtml } from './unowned-html.ts';

export interface OwnersOptions {
  readonly registry: Registry;
  readonly bus: Bus;
  readonly log: Log;
}

/** How long an owner may take to answer. */
const answerMs = 1_500;
/** How long an owner may be silent; twice as long with each claim of late. */
const silenceMs = 1_500;
const maxSilenceMs = 24_000;
/** How long a claim counts as one of late. */
const lateMs = 60_000;
/** After so long without the bus others may have gone on without this process. */
const cutMs = 2_000;

/** How many versions are told of in the log: more than there are in any deploy. */
const maxOtherVersions = 8;

interface EdgeHere {
  readonly edge: Edge;
  readonly endNews: () => void;
}

export class Owners implements SharedActors, EdgeHome, ClaimingOwner {
  /** Names this process. */
  readonly name = randomBytes(9).toString('base64url');
  readonly registry: Registry;
  readonly bus: Bus;
  readonly log: Log;
  isCut = false;
  isStopping = false;
  private readonly edges = new Map<string, EdgeHere>();
  private readonly owned = new Map<string, Owned>();
  private readonly claiming = new Claiming(this);
  /** When each key was claimed of late, by whomever. */
  private readonly claims = new Map<string, number[]>();
  /** Those that were told in the log. */
  private readonly otherVersions = new Set<number>();
  private cutTimer: unknown;
  private readonly endState: () => void;

  constructor({ registry, bus, log }: OwnersOptions) {
    this.registry = registry;
    this.bus = bus;
    this.log = log;
    this.endState = bus.onState((state) => {
      if (state === 'lost') this.onLost();
      else if (state === 'connected') this.onBack();
    });
    if (bus.state === 'lost') this.onLost();
  }

  get settings(): Settings {
    return this.registry.settings;
  }

  get counters(): Counters {
    return this.registry.counters;
  }

  get clock(): Clock {
    return this.settings.clock;
  }

  /** How many actors this process runs for all, and how many it shows. */
  get size(): { readonly owned: number; readonly edges: number } {
    return { owned: this.owned.size, edges: this.edges.size };
  }

  // For joins and pages.

  acquire(match: Match, account: string): ActorPort | Promise<ActorPort> {
    const { edge } = this.edges.get(match.key) ?? this.addEdge(match, account);
    return edge.whenLinked().then(() => edge);
  }

  async html(match: Match, waits: Waits): Promise<readonly Chunk[] | undefined> {
    const answer = this.isCut ? 'lost' : await this.ask(match.key, { kind: 'html', edge: this.name });
    if (typeof answer === 'object' && answer.kind === 'html') return answer.chunks ?? undefined;
    const html = await unownedHtml(this.registry, match, waits);
    if (html || this.isCut) return html;
    const actor = await this.acquire(match, serverAccount);
    return new Promise((resolve) => actor.html(resolve));
  }

  async wake(match: Match): Promise<void> {
    await this.acquire(match, serverAccount);
  }

  // For edges.

  async ask(key: string, ask: Ask): Promise<Answer | NoAnswer> {
    const here = this.owned.get(key);
    if (here) this.compareTerms(here, ask);
    return this.owned.has(key) && here ? here.owner.handle(ask) : this.request(toSubject('live', key), ask);
  }

  silenceMsOf(key: string): number {
    const now = this.clock.now();
    const late = (this.claims.get(key) ?? []).filter((at) => now - at < lateMs);
    if (late.length > 0) this.claims.set(key, late);
    else this.claims.delete(key);
    return Math.min(maxSilenceMs, silenceMs * 2 ** late.length);
  }

  async claim(edge: Edge): Promise<void> {
    const owned = await this.claiming.claim(edge.match, edge.account);
    if (owned) this.noteClaim(edge.id);
  }

  onUnused(edge: Edge): void {
    const { id: key } = edge;
    const here = this.edges.get(key);
    if (here?.edge !== edge) return;
    this.edges.delete(key);
    here.endNews();
    edge.end();
    // nobody has to wait until its lease ends
    void this.ask(key, { kind: 'look', edge: this.name, term: 0, viewers: 0, come: [], gone: [], known: [] });
  }

  // For actors of this process.

  get isClaiming(): boolean {
    return !this.isCut && !this.isStopping && this.bus.state === 'connected';
  }

  getOwned(key: string): Owned | undefined {
    return this.owned.get(key);
  }

  addOwned(key: string, owned: Owned): void {
    this.owned.set(key, owned);
  }

  /** It is this process's no more. */
  removeOwned(key: string): void {
    this.owned.delete(key);
    this.edges.get(key)?.edge.seekOwner();
  }

  say(key: string, news: News, isForOthers: boolean): void {
    this.edges.get(key)?.edge.hear(news);
    if (isForOthers) this.publish(key, news);
  }

  announce(key: string, term: number): void {
    const news: News = { kind: 'claimed', term };
    this.say(key, news, true);
    // nobody may look at the process of one that has been overtaken
    this.publish(key, news, 'owner');
  }

  hearOwner(key: string, { term }: News): void {
    const owned = this.owned.get(key);
    if (!owned) return;
    if (term > owned.owner.term) owned.depose('another server has claimed it');
    // it was away when this one claimed it
    else if (term < owned.owner.term) this.announce(key, owned.owner.term);
  }

  /** What is asked over the bus. */
  async hearAsk(key: string, ask: Ask, message: BusMessage): Promise<void> {
    if (ask.edge === this.name) return;
    const owned = this.owned.get(key);
    if (!owned) return;
    const { owner } = owned;
    this.compareTerms(owned, ask);
    if ('term' in ask && ask.kind !== 'look' && ask.term < owner.term) {
      this.publish(key, { kind: 'claimed', term: owner.term });
    }
    const answer = await owner.handle(ask);
    message.answer?.(encodeFrame(answer));
  }

  hearOther({ text }: BusMessage): void {
    const version = otherVersionOf(text);
    if (version === undefined || this.otherVersions.has(version)) return;
    if (this.otherVersions.size >= maxOtherVersions) return;
    this.otherVersions.add(version);
    const what = `another server speaks version ${version} of what owners and edges say, and this one ${protocol}`;
    this.log.warn({}, `${what}: until either is replaced, they run shared actors in turn`);
  }

  /** Who asks may know a later owner. */
  private compareTerms(owned: Owned, ask: Ask): void {
    if ('term' in ask && ask.term > owned.owner.term) owned.depose('others know a later owner');
  }

  async request(subject: Subject, ask: Ask, limitMs = answerMs): Promise<Answer | NoAnswer> {
    try {
      const answer = decodeAnswer(await this.bus.request(subject, encodeFrame(ask), limitMs));
      return answer ?? 'late';
    } catch (error) {
      if (!(error instanceof BusError)) throw error;
      if (error.kind === 'nobody') return 'nobody';
      if (error.kind === 'too-big') this.log.error({ err: error }, 'what an edge asks is too big for the bus');
      return error.kind === 'lost' || error.kind === 'closed' ? 'lost' : 'late';
    }
  }

  // How it stops.

  /** Another process may go on with what this one owns: what was done is kept already. */
  release(): void {
    this.isStopping = true;
    for (const owned of [...this.owned.values()]) owned.release();
  }

  end(): void {
    this.isStopping = true;
    this.endState();
    this.clock.clearTimeout(this.cutTimer);
    for (const owned of [...this.owned.values()]) owned.release();
    for (const { edge, endNews } of this.edges.values()) {
      endNews();
      edge.end();
    }
    this.edges.clear();
  }

  private addEdge(match: Match, account: string): EdgeHere {
    const { key } = match;
    const edge = new Edge(match, account, this);
    const endNews = this.bus.subscribe(toSubject('news', key), (message) => {
      const said = decodeNews(message.text);
      this.hearOther(message);
      if (said && said.from !== this.name) this.hear(key, said.news);
    });
    const here = { edge, endNews };
    this.edges.set(key, here);
    return here;
  }

  private hear(key: string, news: News): void {
    if (news.kind === 'claimed') this.noteClaim(key);
    this.edges.get(key)?.edge.hear(news);
  }

  private noteClaim(key: string): void {
    const claims = this.claims.get(key) ?? [];
    claims.push(this.clock.now());
    this.claims.set(key, claims.slice(-8));
  }

  private publish(key: string, news: News, to: 'news' | 'owner' = 'news'): void {
    try {
      this.bus.publish(toSubject(to, key), encodeNews(news, this.name));
    } catch (err) {
      // who misses it asks
      this.log.error({ err, actor: key }, 'news of an actor is too big for the bus');
    }
  }

  // The bus is lost, and back.

  private onLost(): void {
    this.cutTimer ??= this.clock.setTimeout(() => this.cut(), cutMs);
  }

  private cut(): void {
    if (this.bus.state !== 'lost') return;
    this.isCut = true;
    this.log.error({}, 'cut off from the other servers: what is shared waits');
    for (const owned of [...this.owned.values()]) owned.onCut();
    for (const { edge } of this.edges.values()) edge.onCut();
  }

  private onBack(): void {
    this.clock.clearTimeout(this.cutTimer);
    this.cutTimer = undefined;
    this.isCut = false;
    // what was said meanwhile was not heard
    for (const owned of [...this.owned.values()]) void owned.verify();
    for (const { edge } of this.edges.values()) edge.seekOwner();
  }
}
