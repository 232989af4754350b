/*
 * What is kept of pages, in IndexedDB. Input: records. Output: the same, to a later page. Where it does not work
 * (denied, full, corrupt, taken away meanwhile) it says so, once, and everything goes on as if nothing were kept.
 */

import { lookMs } from '../../element/times.ts';
import { type EventRecord, type ModelRecord, maxModels, type StreamRecord, strangeAgeMs } from './records.ts';

/** Why something is not kept: the browser does not allow it, there is no room, or it was taken away meanwhile. */
export type Trouble = 'denied' | 'full' | 'lost';

export interface Stores {
  readonly streams: IDBObjectStore;
  readonly events: IDBObjectStore;
  readonly models: IDBObjectStore;
}

const names = ['streams', 'events', 'models'] as const;
/** Whoever does not answer for so many looks is taken for gone. */
const patienceLooks = 10;

export class KeptStore {
  private opening: Promise<IDBDatabase | undefined> | undefined;
  private isBroken = false;
  private hasTold = false;
  private readonly onTrouble: (trouble: Trouble) => void;

  /** @param onTrouble Told once. */
  constructor(onTrouble: (trouble: Trouble) => void) {
    this.onTrouble = onTrouble;
  }

  /** Whether it can be had at all. */
  async open(): Promise<boolean> {
    this.opening ??= this.connect();
    return (await this.opening) !== undefined && !this.isBroken;
  }

  /** Changes records, all or none. @returns Whether they are kept. */
  async change(act: (stores: Stores) => void): Promise<boolean> {
    return (await this.run('readwrite', act)) !== undefined;
  }

  async readStreams(): Promise<readonly StreamRecord[]> {
    return this.read<StreamRecord[]>((stores) => stores.streams.getAll(), []);
  }

  async readEvents(stream: string): Promise<readonly EventRecord[]> {
    return this.read<EventRecord[]>((stores) => stores.events.getAll(rangeOf(stream)), []);
  }

  async readModel(id: string): Promise<ModelRecord | undefined> {
    return this.read<ModelRecord | undefined>((stores) => stores.models.get(id), undefined);
  }

  /** Throws away what nobody will want any more. */
  async sweep(): Promise<void> {
    const now = Date.now();
    const models = await this.read<ModelRecord[]>((stores) => stores.models.getAll(), []);
    const late = models
      .sort((one, other) => other.at - one.at)
      .filter(({ at }, index) => index >= maxModels || now - at > strangeAgeMs);
    const old = (await this.readStreams()).filter(({ at }) => now - at > strangeAgeMs);
    if (!late[0] && !old[0]) return;
    await this.change((stores) => {
      for (const { id } of late) stores.models.delete(id);
      for (const { id } of old) removeStream(stores, id);
    });
  }

  /** Something is not kept. */
  fail(trouble: Trouble): void {
    if (!this.hasTold) this.onTrouble(trouble);
    this.hasTold = true;
  }

  private async read<Result>(ask: (stores: Stores) => IDBRequest, otherwise: Result): Promise<Result> {
    let request: IDBRequest | undefined;
    const isRead = await this.run('readonly', (stores) => {
      request = ask(stores);
    });
    return isRead ? (request as IDBRequest<Result>).result : otherwise;
  }

  private async run(mode: IDBTransactionMode, act: (stores: Stores) => void): Promise<true | undefined> {
    const database = (await this.open()) && (await this.opening);
    if (!database) return undefined;
    try {
      const transaction = database.transaction(names, mode, { durability: 'relaxed' });
      await inTime(
        new Promise<void>((resolve, reject) => {
          transaction.oncomplete = () => resolve();
          transaction.onabort = transaction.onerror = () => reject(transaction.error);
          const [streams, events, models] = names.map((name) => transaction.objectStore(name));
          act({ streams, events, models } as Stores);
        }),
      );
      return true;
    } catch (error) {
      const isFull = (error as Error | null)?.name === 'QuotaExceededError';
      // what does not answer, or is closed, is not asked again
      this.isBroken = !isFull;
      this.fail(isFull ? 'full' : 'lost');
      return undefined;
    }
  }

  private async connect(): Promise<IDBDatabase | undefined> {
    try {
      const request = indexedDB.open('islet', 1);
      request.onupgradeneeded = () => {
        const { result } = request;
        result.createObjectStore('streams', { keyPath: 'id' });
        result.createObjectStore('events', { keyPath: ['stream', 'order'] });
        result.createObjectStore('models', { keyPath: 'id' });
      };
      const database = await inTime(
        new Promise<IDBDatabase>((resolve, reject) => {
          request.onsuccess = () => resolve(request.result);
          request.onerror = request.onblocked = () => reject(request.error);
        }),
      );
      const lose = (): void => {
        this.isBroken = true;
        this.fail('lost');
      };
      database.onclose = lose;
      // somebody removes it
      database.onversionchange = () => {
        database.close();
        lose();
      };
      return database;
    } catch {
      this.fail('denied');
      return undefined;
    }
  }
}

export function removeStream({ streams, events }: Stores, id: string): void {
  streams.delete(id);
  events.delete(rangeOf(id));
}

function rangeOf(stream: string): IDBKeyRange {
  return IDBKeyRange.bound([stream, 0], [stream, Number.MAX_SAFE_INTEGER]);
}

/** Counts by looking: a page that was frozen has not waited meanwhile. */
function inTime<Result>(promise: Promise<Result>): Promise<Result> {
  return new Promise((resolve, reject) => {
    let looks = 0;
    const look = (): void => {
      if (++looks < patienceLooks) timer = setTimeout(look, lookMs);
      else reject(new Error('no answer'));
    };
    let timer = setTimeout(look, lookMs);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
