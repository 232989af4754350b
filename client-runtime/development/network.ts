/*
 * A bad network to try a page with: `islet.latency(300)` in the console delays what the page and its server say to each
 * other, `islet.cut()` cuts it, `islet.restore()` mends it. Input: the page's sockets, as they are opened. Output: the
 * same frames in the same order, later or never.
 */

declare global {
  var islet: Network;
}

export interface Network {
  /** Delays each way by half of it, in milliseconds of a round trip; 0 ends it. It holds until the tab is closed. */
  latency(roundTripMs: number): void;
  /** Ends the page's connections; new ones fail until `restore`. @param ms After so long it is restored by itself. */
  cut(ms?: number): void;
  restore(): void;
}

const key = 'islet-latency';
const Native = WebSocket;
const sockets = new Set<WebSocket>();
let oneWayMs = 0;
let isCut = false;
let timer: ReturnType<typeof setTimeout> | undefined;

/** @param standard What the command line says, in milliseconds; what was said in the page counts before it. */
export function startNetwork(standard: string | null): void {
  const asked = new URLSearchParams(location.search).get(key);
  if (asked !== null) keep(asked);
  const given = asked ?? kept() ?? standard;
  if (given !== null) setLatency(Number(given));
  globalThis.WebSocket = new Proxy(Native, {
    construct: (_, [url, protocols]: ConstructorParameters<typeof WebSocket>) => open(url, protocols),
  });
  globalThis.islet = {
    latency(roundTripMs) {
      keep(String(roundTripMs));
      setLatency(roundTripMs);
    },
    cut(ms) {
      clearTimeout(timer);
      isCut = true;
      for (const socket of sockets) socket.close();
      if (ms !== undefined) timer = setTimeout(globalThis.islet.restore, ms);
      console.info('islet: the connection is cut; islet.restore() mends it');
    },
    restore() {
      clearTimeout(timer);
      isCut = false;
      // whoever waits for a connection tries at once
      dispatchEvent(new Event('online'));
    },
  };
}

function setLatency(roundTripMs: number): void {
  oneWayMs = Number.isFinite(roundTripMs) && roundTripMs > 0 ? roundTripMs / 2 : 0;
  if (oneWayMs > 0) console.info(`islet: the connection is delayed by ${roundTripMs} ms; islet.latency(0) ends it`);
}

// a page may be forbidden to keep anything
function kept(): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function keep(value: string): void {
  try {
    sessionStorage.setItem(key, value);
  } catch {
    // it holds until the page is left
  }
}

/** Opens a socket that hears and says everything later. */
function open(url: string | URL, protocols: string | string[] | undefined): WebSocket {
  const socket = new Native(url, protocols);
  const [out, back] = [createLane(), createLane()];
  const send = socket.send.bind(socket);
  socket.send = (data) => out(() => socket.readyState === Native.OPEN && send(data));
  for (const name of ['open', 'message', 'error', 'close']) {
    let handler: ((event: Event) => unknown) | null = null;
    Object.defineProperty(socket, `on${name}`, {
      get: () => handler,
      set(next: typeof handler) {
        handler = next;
      },
    });
    socket.addEventListener(name, (event) => back(() => handler?.call(socket, event)));
  }
  sockets.add(socket);
  socket.addEventListener('close', () => sockets.delete(socket));
  if (isCut) socket.close();
  return socket;
}

/** Runs actions later, each after the one before it, also where the delay has become shorter. */
function createLane(): (action: () => unknown) => void {
  let dueAt = 0;
  const waiting: (() => unknown)[] = [];
  return (action) => {
    const now = performance.now();
    dueAt = Math.max(dueAt, now + oneWayMs);
    if (dueAt <= now && waiting.length === 0) {
      action();
      return;
    }
    waiting.push(action);
    // timers of nearly the same time may fire in another order: each runs whatever is the next
    setTimeout(() => waiting.shift()?.(), dueAt - now);
  };
}
