// A TCP proxy that is a bad network: after a number of bytes, or of milliseconds, each connection is cut, cut short in
// the middle of a frame, ended in one direction, or stalled, and what it passes on may be late. Where and how is drawn
// from a seed for each connection. Output: a port, and how many connections were ended in which way.

import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { type Random, randomOf } from './random.ts';

/**
 * How a connection ends. `cut`: reset, what is under way is lost. `truncate`: what came before the place arrives, to
 * the byte. `half`: one direction ends, the other goes on for a while. `stall`: nothing is passed on for a while, and
 * nothing is told; then all of it is, also to a server whose client has given the connection up meanwhile. `hello`:
 * stalled before the hello, which comes when the page is back by another connection. `late`: none of these.
 */
export type Fault = 'cut' | 'truncate' | 'half' | 'stall' | 'hello' | 'late';

interface Plan {
  readonly fault: Fault;
  readonly direction: 'toClient' | 'toServer';
  /** Bytes that are passed on in this direction before the fault. */
  readonly afterBytes: number;
  /** How long each piece is under way. */
  readonly delayMs: number;
  readonly stallMs: number;
  /** When the connection is reset in any case; a stall does not count. */
  readonly lifeMs: number;
}

export interface Storm extends AsyncDisposable {
  readonly port: number;
  /** Connections that were ended or stalled, by fault. */
  readonly faults: Record<Fault, number>;
  /** Open connections between the proxy and the server. */
  readonly open: number;
  /** Cuts all that is there, and begins with faults: until then, a storm is a good network. */
  begin(): void;
  /** Cuts all that is there, and is a good network from here on. */
  calm(): void;
}

const faults: readonly [Fault, ...Fault[]] = ['cut', 'cut', 'truncate', 'truncate', 'half', 'stall', 'hello', 'late'];

/** The head of a WebSocket's HTTP request and answer has about so many bytes. */
const headBytes = { toClient: 130, toServer: 220 };

function planOf(random: Random): Plan {
  const fault = random.oneOf(faults);
  const direction = fault === 'hello' ? 'toServer' : random.oneOf<Plan['direction']>(['toClient', 'toServer']);
  const isInHead = random.next() < 0.05;
  return {
    fault,
    direction,
    afterBytes: isInHead
      ? random.between(0, headBytes[direction])
      : headBytes[direction] + Math.floor(random.next() ** 2 * (direction === 'toClient' ? 6_000 : 1_500)),
    delayMs: random.next() < 0.6 ? 0 : random.between(1, 15),
    // the longest are far longer than a client waits: it is back by another connection, and then this one speaks
    stallMs: random.oneOf([random.between(20, 200), random.between(400, 1_500), random.between(1_500, 8_000)]),
    lifeMs: random.between(20, 600),
  };
}

/** How many bytes more are passed on before the fault. @param passed So many were. */
function bytesLeft({ fault, afterBytes }: Plan, passed: number): number {
  if (fault !== 'hello') return afterBytes - passed;
  // who connects waits for the answer to the HTTP head before it says anything else
  return passed === 0 ? Number.POSITIVE_INFINITY : 0;
}

/** Starts a proxy to a port of this machine. It closes itself at the end of the block that holds it. */
export async function startStorm(target: number, seed: number): Promise<Storm> {
  const counts: Record<Fault, number> = { cut: 0, truncate: 0, half: 0, stall: 0, hello: 0, late: 0 };
  const links = new Set<() => void>();
  let isCalm = true;
  let index = 0;

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    const plan = isCalm ? undefined : planOf(randomOf(seed, index++));
    const upstream = connect({ host: '127.0.0.1', port: target, allowHalfOpen: true, noDelay: true });
    const reset = (): void => {
      // Node never closes a socket that is reset while its end is being told
      for (const socket of [client, upstream]) socket.writableEnded ? socket.destroy() : socket.resetAndDestroy();
    };
    links.add(reset);
    let isHit = false;
    let isEnded = false;
    let stalled: Promise<void> | undefined;
    const hit = (fault: Fault): void => {
      isHit = true;
      counts[fault]++;
    };
    let life: NodeJS.Timeout | undefined;
    const live = (): void => {
      if (!plan) return;
      life = setTimeout(() => {
        if (!isHit) hit(plan.fault === 'late' ? 'late' : 'cut');
        reset();
      }, plan.lifeMs);
    };
    live();

    const forward = (from: Socket, to: Socket, direction: Plan['direction']): void => {
      let passed = 0;
      let before: Promise<void> = Promise.resolve();
      const later = (action: () => void | Promise<void>): void => {
        const wait = plan && plan.delayMs > 0 && !isCalm ? pause(plan.delayMs) : undefined;
        before = before
          .then(() => wait)
          .then(() => stalled)
          .then(action);
      };
      const pass = async (data: Buffer): Promise<void> => {
        if (to.destroyed || to.writableEnded) return;
        const left = plan?.direction === direction ? bytesLeft(plan, passed) : Number.POSITIVE_INFINITY;
        passed += data.length;
        if (!plan || isHit || isCalm || data.length < left) {
          to.write(data);
          return;
        }
        hit(plan.fault);
        if (plan.fault === 'cut') reset();
        else if (plan.fault === 'truncate') {
          // what is written before the end still arrives
          to.end(data.subarray(0, left), () => {
            from.destroy();
            to.destroy();
          });
        } else if (plan.fault === 'half') to.end(data.subarray(0, left));
        else {
          to.write(data.subarray(0, left));
          const isStall = plan.fault === 'stall' || plan.fault === 'hello';
          if (isStall) {
            clearTimeout(life);
            stalled = pause(plan.stallMs);
          }
          // what came after it waits for it
          await stalled;
          if (isStall && !isEnded) live();
          if (to.writable) to.write(data.subarray(left));
        }
      };
      from.on('data', (data: Buffer) => later(() => pass(data)));
      from.on('end', () => later(() => void to.end()));
      from.on('error', () => later(() => void to.destroy()));
      from.on('close', () => {
        // the other end is told after what was under way
        later(() => to.destroySoon());
        if (!client.destroyed || !upstream.destroyed) return;
        isEnded = true;
        clearTimeout(life);
        links.delete(reset);
      });
    };
    forward(client, upstream, 'toServer');
    forward(upstream, client, 'toClient');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  const turn = (toCalm: boolean): void => {
    isCalm = toCalm;
    for (const reset of links) reset();
  };
  return {
    port: (server.address() as AddressInfo).port,
    faults: counts,
    get open() {
      return links.size;
    },
    begin: () => turn(false),
    calm: () => turn(true),
    async [Symbol.asyncDispose]() {
      for (const reset of links) reset();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
