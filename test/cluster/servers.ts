// The servers of a cluster, each with a proxy of its own before the database and before the bus, and what can befall
// them.

import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { type NatsServer, startNats } from '../support/nats.ts';
import { type OwnPostgresServer, startOwnPostgres } from '../support/postgres.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';
import type { Step } from './steps.ts';

interface Place {
  readonly port: number;
  readonly database: TestProxy;
  readonly bus: TestProxy;
  program: Program | undefined;
  /** It has come to the step that it was to end or hang at; undefined: nobody waits for that any more. */
  atStep: PromiseWithResolvers<void> | undefined;
}

export interface ServersOptions {
  /** How many seconds of theirs a second has. */
  readonly speed: number;
}

/** How long a server may take to come to a step. */
const reachMs = 4_000;

export interface EndAt {
  /** How often it passes the step before. */
  readonly passes: number;
  /** How long it hangs. */
  readonly stoppedMs: number;
  /** Makes it come there. */
  causeIt(): Promise<void>;
}

/** What a server is for most of the shared actors. */
export type Role = 'owner' | 'edge';

export class Servers implements AsyncDisposable {
  readonly ports: readonly [number, ...number[]];
  readonly databaseUrl: string;
  readonly postgres: OwnPostgresServer;
  readonly nats: NatsServer;
  /** Servers that ended otherwise than they were meant to. */
  readonly errors: string[] = [];
  /** Where they note what was applied of which nothing is kept. */
  readonly applied: string;
  private isAnew = false;
  private readonly speed: number;
  private readonly places: readonly Place[];
  private readonly stack: AsyncDisposableStack;
  private readonly expected = new Set<Program>();

  private constructor(
    parts: Pick<Servers, 'databaseUrl' | 'postgres' | 'nats' | 'applied'>,
    places: Place[],
    speed: number,
    stack: AsyncDisposableStack,
  ) {
    this.applied = parts.applied;
    this.speed = speed;
    this.databaseUrl = parts.databaseUrl;
    this.postgres = parts.postgres;
    this.nats = parts.nats;
    this.places = places;
    this.ports = places.map(({ port }) => port) as [number, ...number[]];
    this.stack = stack;
  }

  static async start(count: number, { speed }: ServersOptions): Promise<Servers> {
    await using stack = new AsyncDisposableStack();
    const folder = mkdtempSync(join(tmpdir(), 'islet-cluster-'));
    stack.defer(() => rmSync(folder, { recursive: true }));
    const applied = join(folder, 'applied.txt');
    writeFileSync(applied, '');
    const postgres = stack.use(await startOwnPostgres());
    const nats = stack.use(await startNats());
    const databaseUrl = await postgres.createDatabase();
    const places: Place[] = [];
    for (let index = 0; index < count; index++) {
      places.push({
        port: await freePort(),
        database: stack.use(await startProxy(databaseUrl)),
        bus: stack.use(await startProxy(nats.url)),
        program: undefined,
        atStep: undefined,
      });
    }
    const servers = new Servers({ databaseUrl, postgres, nats, applied }, places, speed, stack.move());
    for (const place of places) await servers.begin(place);
    return servers;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { program } of this.places) {
      if (!program) continue;
      this.expected.add(program);
      await program[Symbol.asyncDispose]();
    }
    await this.stack.disposeAsync();
  }

  /** The one that commits most turns of shared actors now, or fewest. */
  async find(role: Role): Promise<number> {
    const before = await this.turns();
    await pause(250);
    const after = await this.turns();
    const counts = after.map((turns, index) => turns - (before[index] ?? 0));
    const wanted = role === 'owner' ? Math.max(...counts) : Math.min(...counts);
    return counts.indexOf(wanted);
  }

  async kill(index: number, awayMs: number): Promise<void> {
    const place = this.at(index);
    await this.end(place, 'SIGKILL');
    await pause(awayMs);
    await this.begin(place);
  }

  async stop(index: number, stoppedMs: number): Promise<void> {
    const { program } = this.at(index);
    program?.process.kill('SIGSTOP');
    await pause(stoppedMs);
    program?.process.kill('SIGCONT');
  }

  /** It ends or hangs when it comes to a step. @returns Whether it came there. */
  async endAt(
    index: number,
    step: Step,
    signal: 'SIGKILL' | 'SIGSTOP',
    { passes, stoppedMs, causeIt }: EndAt,
  ): Promise<boolean> {
    const place = this.at(index);
    const { program } = place;
    if (!program) return false;
    const atStep = Promise.withResolvers<void>();
    place.atStep = atStep;
    const query = new URLSearchParams({ step, signal, passes: String(passes) });
    if (signal === 'SIGKILL') this.expected.add(program);
    const isArmed = await this.tell(place, `/arm?${query}`);
    const caused = causeIt();
    const isAt = isArmed && (await Promise.race([atStep.promise.then(() => true), pause(reachMs, false)]));
    if (isAt && signal === 'SIGSTOP') {
      await pause(stoppedMs);
      program.process.kill('SIGCONT');
    } else if (isAt) await program.ended;
    else {
      // it may be on its way there
      await this.tell(place, '/arm');
      await pause(50);
    }
    place.atStep = undefined;
    if (signal === 'SIGSTOP') program.process.kill('SIGCONT');
    await caused;
    const { exitCode, signalCode } = program.process;
    const hasEnded = exitCode !== null || signalCode !== null;
    if (place.program === program && hasEnded) await this.begin(place);
    else if (!hasEnded) this.expected.delete(program);
    return isAt;
  }

  /** It is told to stop, and starts again. */
  async restart(index: number): Promise<void> {
    const place = this.at(index);
    await this.end(place, 'SIGTERM');
    await this.begin(place);
  }

  /** Nothing gets through any more, and nobody is told; what was said arrives late. */
  async cut(index: number, from: 'bus' | 'database', cutMs: number): Promise<void> {
    const proxy = this.at(index)[from];
    proxy.hold('toClient');
    proxy.hold('toServer');
    await pause(cutMs);
    proxy.release();
  }

  /** One after the other gets the code of the next version. */
  async deploy(betweenMs: number): Promise<void> {
    this.isAnew = !this.isAnew;
    for (const place of this.places) {
      await this.end(place, 'SIGTERM');
      await this.begin(place);
      await pause(betweenMs);
    }
  }

  async crashDatabase(awayMs: number): Promise<void> {
    await this.postgres.stop('immediate');
    await pause(awayMs);
    await this.postgres.start();
  }

  async restartBus(awayMs: number): Promise<void> {
    await this.nats.kill();
    await pause(awayMs);
    await this.nats.start();
  }

  private at(index: number): Place {
    const place = this.places[index];
    if (!place) throw new Error(`there is no server ${index}`);
    return place;
  }

  private turns(): Promise<number[]> {
    return Promise.all(
      this.ports.map(async (port) => {
        const signal = AbortSignal.timeout(500);
        return fetch(`http://127.0.0.1:${port}/turns`, { signal }).then(
          async (answer) => Number(await answer.text()),
          () => 0,
        );
      }),
    );
  }

  private tell({ port }: Place, path: string): Promise<boolean> {
    return fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  }

  private async end(place: Place, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { program } = place;
    if (!program) return;
    // it may be meant to end at a step on the way
    const mayBeKilled = this.expected.has(program);
    this.expected.add(program);
    program.process.kill(signal);
    const { code, signal: by, stdout, stderr } = await program.ended;
    if (signal === 'SIGTERM' && code !== 0 && !(mayBeKilled && by === 'SIGKILL'))
      this.errors.push(`SIGTERM ended with ${code ?? by}: ${stdout.slice(-500)}${stderr.slice(-500)}`);
  }

  private async begin(place: Place): Promise<void> {
    const program = startProgram(['test/cluster/server.ts'], {
      CLUSTER_PORT: String(place.port),
      CLUSTER_DATABASE: this.databaseUrl.replace(/127\.0\.0\.1:\d+/, new URL(place.database.url).host),
      CLUSTER_NATS: place.bus.url.replace('http', 'nats'),
      CLUSTER_VIEW: this.isAnew ? 'anew' : 'first',
      CLUSTER_APPLIED: this.applied,
      CLUSTER_SPEED: String(this.speed),
    });
    program.process.stdout?.on('data', (text: string) => {
      if (!/^at /m.test(text)) return;
      // on a busy machine it may come there too late, and nobody would have it go on
      if (place.atStep) place.atStep.resolve();
      else program.process.kill('SIGCONT');
    });
    place.program = program;
    void program.ended.then(({ code, signal, stdout, stderr }) => {
      if (!this.expected.has(program))
        this.errors.push(`ended by itself with ${code ?? signal}: ${stdout.slice(-500)}${stderr.slice(-500)}`);
    });
    await Promise.race([once(program.process.stdout as NodeJS.ReadableStream, 'data'), program.ended]);
  }
}
