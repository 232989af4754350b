// The few globals that browsers and Node share and the universal core uses. `shared/` and `components/` compile with
// neither DOM nor Node types; this file gives them these names and no others. It is named by those two tsconfig files
// alone: every other layer sees the same code with its platform's own types. Timer handles are opaque here because
// they are numbers in one place and objects in the other: write `ReturnType<typeof setTimeout>`.

interface PlatformTimer {
  readonly timer: unique symbol;
}

interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  throwIfAborted(): void;
  addEventListener(type: 'abort', listener: () => void, options?: { once?: boolean; signal?: AbortSignal }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}

interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}

interface URLSearchParams extends Iterable<[string, string]> {
  readonly size: number;
  get(name: string): string | null;
  getAll(name: string): string[];
  has(name: string): boolean;
  set(name: string, value: string): void;
  append(name: string, value: string): void;
  delete(name: string): void;
  toString(): string;
}

interface URL {
  readonly origin: string;
  readonly searchParams: URLSearchParams;
  href: string;
  protocol: string;
  host: string;
  hostname: string;
  port: string;
  pathname: string;
  search: string;
  hash: string;
  toString(): string;
}

declare var AbortController: { new (): AbortController };
declare var AbortSignal: {
  abort(reason?: unknown): AbortSignal;
  any(signals: AbortSignal[]): AbortSignal;
  timeout(ms: number): AbortSignal;
};
declare var URL: {
  new (url: string | URL, base?: string | URL): URL;
  canParse(url: string | URL, base?: string | URL): boolean;
  parse(url: string | URL, base?: string | URL): URL | null;
};
declare var URLSearchParams: {
  new (init?: string | Record<string, string> | Iterable<[string, string]>): URLSearchParams;
};

declare function setTimeout(handler: () => void, ms?: number): PlatformTimer;
declare function clearTimeout(timer: PlatformTimer | undefined): void;
declare function setInterval(handler: () => void, ms?: number): PlatformTimer;
declare function clearInterval(timer: PlatformTimer | undefined): void;
declare function queueMicrotask(task: () => void): void;
