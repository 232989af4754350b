/*
 * The browser's storage as effects. Values are kept as JSON under a key; what stands there may be of an older version
 * of the app, so it is decoded like anything from outside. A storage that fails gives a message.
 */

import { type Effect, fromBrowserRun } from '../language/effect.ts';
import type { AnyMessage } from '../language/html.ts';
import { type BrowserStorage, browser } from './globals.ts';

/** Why a storage did not do what it was asked for. */
export interface StorageError {
  /** There is no storage, it does not let this page in, it is full, or what it holds could not be decoded. */
  readonly kind: 'missing' | 'forbidden' | 'full' | 'decode';
  readonly problem: string;
}

export interface StorageOptions<Failure extends AnyMessage> {
  /** What went wrong; without it nothing is said. */
  readonly onError?: (error: StorageError) => Failure;
  /** Kept for good (`local`, the default), or as long as the tab is open. */
  readonly area?: 'local' | 'session';
}

/** What reading a storage makes of what is there. */
export interface StorageReadOptions<Value, Success extends AnyMessage, Failure extends AnyMessage>
  extends StorageOptions<Failure> {
  /** Checks what was kept and gives it its type; it throws on what it does not expect. */
  readonly decode: (json: unknown) => Value;
  /** `null`: nothing is kept under the key. */
  readonly onSuccess: (value: Value | null) => Success;
}

/** What writing into a storage makes a message of. */
export interface StorageWriteOptions<Success extends AnyMessage, Failure extends AnyMessage>
  extends StorageOptions<Failure> {
  readonly onSuccess?: () => Success;
}

/**
 * Keeps values on the person's device.
 *
 * @example storage.write('refreshedAt', Date.now())
 */
export const storage = {
  read: <Value, const Success extends AnyMessage, const Failure extends AnyMessage = never>(
    key: string,
    options: StorageReadOptions<Value, Success, Failure>,
  ): Effect<Success | Failure> =>
    access(options, (area) => {
      const text = area.getItem(key);
      return options.onSuccess(text === null ? null : options.decode(JSON.parse(text)));
    }),

  write: <const Success extends AnyMessage = never, const Failure extends AnyMessage = never>(
    key: string,
    value: unknown,
    options: StorageWriteOptions<Success, Failure> = {},
  ): Effect<Success | Failure> =>
    access(options, (area) => {
      area.setItem(key, JSON.stringify(value));
      return options.onSuccess?.();
    }),

  remove: <const Success extends AnyMessage = never, const Failure extends AnyMessage = never>(
    key: string,
    options: StorageWriteOptions<Success, Failure> = {},
  ): Effect<Success | Failure> =>
    access(options, (area) => {
      area.removeItem(key);
      return options.onSuccess?.();
    }),
};

function access<Success extends AnyMessage, Failure extends AnyMessage>(
  { area = 'local', onError }: StorageOptions<Failure>,
  use: (area: BrowserStorage) => Success | undefined,
): Effect<Success | Failure> {
  return fromBrowserRun('storage', (host) => {
    let message: AnyMessage | undefined;
    try {
      const storage = browser[`${area}Storage`];
      if (!storage) throw new ReferenceError('there is no storage here');
      message = use(storage);
    } catch (problem) {
      message = onError?.({ kind: kindOf(problem), problem: String(problem) });
    }
    if (message) host.dispatch(message);
  });
}

function kindOf(problem: unknown): StorageError['kind'] {
  const { name } = problem as Error;
  if (name === 'QuotaExceededError' || name === 'NS_ERROR_DOM_QUOTA_REACHED') return 'full';
  if (name === 'SecurityError') return 'forbidden';
  return problem instanceof ReferenceError ? 'missing' : 'decode';
}
