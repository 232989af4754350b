/*
 * What the app sends to shared actors (`app.islet.send`), and reads of them (`app.islet.read`). Input: a route, its
 * parameters, a message, a key. Output: a promise of the turn that the message is part of, or of a model. An actor that
 * ends before that is looked for again.
 */

import { toError } from '../../shared/language/errors.ts';
import type { AnyMessage } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import { Refused } from '../../shared/language/refused.ts';
import type { RouteParams, Settings } from '../options.ts';
import { Waits } from '../waits.ts';
import type { ActorPort, ReadModel } from './actor-port.ts';
import type { Match, Routes } from './routes.ts';
import type { SentOutcome, SentRefusal } from './sent-message.ts';

/** What sending needs of the registry. */
export interface SendsOwner {
  readonly settings: Settings;
  readonly routes: Routes;
  isClosed(): boolean;
  acquire(match: Match, waits: Waits): Promise<ActorPort> | ActorPort;
}

const maxKeyLength = 200;

export class Sends {
  private readonly owner: SendsOwner;
  private readonly waiting = new Set<Waits>();

  constructor(owner: SendsOwner) {
    this.owner = owner;
  }

  /**
   * @throws IsletError (rejects) ISLET_ERR_SEND, ISLET_ERR_JOIN_UNKNOWN_ROUTE, ISLET_ERR_MESSAGE_REFUSED,
   *   ISLET_ERR_ACTOR_FAILED, ISLET_ERR_STORE, ISLET_ERR_NO_ANSWER, ISLET_ERR_SERVER_STOPPING
   */
  async send(path: string, params: RouteParams, message: AnyMessage, key: string | undefined): Promise<void> {
    const match = this.find(path, params);
    const plain = toPlain(message);
    if (key !== undefined && (typeof key !== 'string' || key === '' || key.length > maxKeyLength)) {
      throw new IsletError('ISLET_ERR_SEND', `key is a text of up to ${maxKeyLength} characters`);
    }
    await this.wait(`turn of ${match.key}`, (waits) => this.deliver(match, plain, key, waits));
  }

  /**
   * The model of an actor as it was delivered last, and so committed where turns are.
   *
   * @throws IsletError (rejects) ISLET_ERR_SEND, ISLET_ERR_JOIN_UNKNOWN_ROUTE, ISLET_ERR_ACTOR_FAILED, ISLET_ERR_STORE,
   *   ISLET_ERR_NO_ANSWER, ISLET_ERR_SERVER_STOPPING
   */
  async read(path: string, params: RouteParams): Promise<unknown> {
    const match = this.find(path, params);
    return this.wait(`model of ${match.key}`, (waits) => this.fetch(match, waits));
  }

  private async wait<Value>(what: string, ask: (waits: Waits) => Promise<Value>): Promise<Value> {
    const waits = new Waits(this.owner.settings);
    this.waiting.add(waits);
    try {
      return await waits.ask(what, ask(waits), (value) => value);
    } finally {
      waits.end('ISLET_ERR_NO_ANSWER');
      this.waiting.delete(waits);
    }
  }

  /** The server stops: nothing is waited for any more. */
  end(): void {
    for (const waits of this.waiting) waits.end('ISLET_ERR_SERVER_STOPPING');
  }

  private find(path: string, params: RouteParams): Match {
    const { routes } = this.owner;
    const route = routes.get(path);
    if (!route) throw new IsletError('ISLET_ERR_JOIN_UNKNOWN_ROUTE', `no component has the route '${path}'`);
    if (!route.options.shared) {
      throw new IsletError(
        'ISLET_ERR_SEND',
        `the islands of '${path}' are everybody's own: only shared actors are sent to, and read`,
      );
    }
    const match = routes.matchParams(route, params);
    if (match) return match;
    const given = JSON.stringify(params);
    throw new IsletError('ISLET_ERR_SEND', `the parameters ${given} are not those of '${path}'`);
  }

  private async deliver(match: Match, message: AnyMessage, key: string | undefined, waits: Waits): Promise<void> {
    const { owner } = this;
    for (;;) {
      if (owner.isClosed()) throw toError('ISLET_ERR_SERVER_STOPPING');
      const actor = await waits.follow(owner.acquire(match, waits), (acquired) => acquired);
      const told = new Promise<SentOutcome>((resolve) => actor.send(message, key, resolve));
      const outcome = await waits.follow(told, (each) => each);
      if (outcome === 'done') return;
      if (outcome !== undefined) throw toRefusal(outcome, match, message);
    }
  }

  private async fetch(match: Match, waits: Waits): Promise<unknown> {
    const { owner } = this;
    for (;;) {
      if (owner.isClosed()) throw toError('ISLET_ERR_SERVER_STOPPING');
      const actor = await waits.follow(owner.acquire(match, waits), (acquired) => acquired);
      const told = new Promise<ReadModel>((resolve) => actor.model(resolve));
      const read = await waits.follow(told, (each) => each);
      if (read !== undefined && 'code' in read) throw toError(read.code);
      if (read !== undefined) return read.model;
    }
  }
}

function toRefusal({ code, reason }: SentRefusal, { key }: Match, { type }: AnyMessage): Error {
  if (reason !== undefined) return new Refused(reason);
  return new IsletError(code, `${key} refused the message '${type}'; the log says why`);
}

/** As it would arrive from another process. @throws IsletError ISLET_ERR_SEND */
function toPlain(message: AnyMessage): AnyMessage {
  let plain: unknown;
  try {
    plain = JSON.parse(JSON.stringify(message));
  } catch (cause) {
    throw new IsletError('ISLET_ERR_SEND', 'a message that is sent is plain JSON', { cause });
  }
  if (typeof plain === 'object' && plain !== null && 'type' in plain && typeof plain.type === 'string') {
    return plain as AnyMessage;
  }
  throw new IsletError('ISLET_ERR_SEND', 'a message is an object with a type');
}
