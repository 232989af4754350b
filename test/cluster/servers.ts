// The servers of a cluster, each with a proxy of its own before the database and before the bus, and what can befall
// them.

import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../support/free-port.ts';
import { type NatsServer, startNats } from '../support/nats.ts';
import { type OwnPostgresServer, startOwnPostgres } from '../support/postgres.ts';
import { type Program, startProgram } from '../support/program.ts';
import { startProxy, type TestProxy } from '../support/proxy.ts';

interface Place {
  readonly port: number;
  readonly database: TestProxy;
  readonly bus: TestProxy;
  program: Program | undefined;
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
  private isAnew = false;
  private readonly places: readonly Place[];
  private readonly stack: AsyncDisposableStack;
  private readonly expected = new Set<Program>();

  private constructor(
    parts: Pick<Servers, 'databaseUrl' | 'postgres' | 'nats'>,
    places: Place[],
    stack: AsyncDisposableStack,
  ) {
    this.databaseUrl = parts.databaseUrl;
    this.postgres = parts.postgres;
    this.nats = parts.nats;
    this.places = places;
    this.ports = places.map(({ port }) => port) as [number, ...number[]];
    this.stack = stack;
  }

  static async start(count: number): Promise<Servers> {
    await using stack = new AsyncDisposableStack();
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
      });
    }
    const servers = new Servers({ databaseUrl, postgres, nats }, places, stack.move());
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

  private async end(place: Place, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { program } = place;
    if (!program) return;
    this.expected.add(program);
    program.process.kill(signal);
    const { code, stdout, stderr } = await program.ended;
    if (signal === 'SIGTERM' && code !== 0)
      this.errors.push(`SIGTERM ended with ${code}: ${stdout.slice(-500)}${stderr.slice(-500)}`);
  }

  private async begin(place: Place): Promise<void> {
    const program = startProgram(['test/cluster/server.ts'], {
      CLUSTER_PORT: String(place.port),
      CLUSTER_DATABASE: this.databaseUrl.replace(/127\.0\.0\.1:\d+/, new URL(place.database.url).host),
      CLUSTER_NATS: place.bus.url.replace('http', 'nats'),
      CLUSTER_VIEW: this.isAnew ? 'anew' : 'first',
    });
    place.program = program;
    void program.ended.then(({ code, signal, stdout, stderr }) => {
      if (!this.expected.has(program))
        this.errors.push(`ended by itself with ${code ?? signal}: ${stdout.slice(-500)}${stderr.slice(-500)}`);
    });
    await Promise.race([once(program.process.stdout as NodeJS.ReadableStream, 'data'), program.ended]);
  }
}
