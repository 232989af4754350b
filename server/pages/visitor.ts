/*
 * Whom a page is rendered for. Input: what says who that is, asked once and only if an island of the page depends on it,
 * and the app's `authorize`. Output: the user for `props`, and whether an island may be shown, as a join would hear it.
 */

import type { Match } from '../actors/routes.ts';
import type { Log } from '../inspect/log.ts';
import { accountOf, ownerKeyOf, personMark } from '../limits/account.ts';
import type { Settings } from '../options.ts';
import { mayJoin } from '../rights.ts';
import { Waits } from '../waits.ts';
import { whenReady } from '../when-ready.ts';

export interface VisitorOptions {
  readonly settings: Settings;
  readonly log: Log;
  /** Says who it is, the same each time; never fails. */
  readonly identify: () => unknown;
  /** Where the request came from, as limits count it. */
  readonly address: string;
}

export class Visitor {
  /** What the page waits for. */
  readonly waits: Waits;
  private readonly options: VisitorOptions;

  constructor(options: VisitorOptions) {
    this.options = options;
    this.waits = new Waits(options.settings);
  }

  /** Who it is, at once or later. */
  get user(): unknown {
    return this.options.identify();
  }

  /** Whose account shared actors are on that the page starts. */
  get account(): string | Promise<string> {
    const { address, settings } = this.options;
    const { userKey } = settings;
    if (!userKey) return accountOf(address, null, undefined);
    return whenReady(this.user, (user) => accountOf(address, user, userKey));
  }

  /** What a page knows its person by; undefined: nothing says who it is. */
  get person(): string | undefined | Promise<string | undefined> {
    return whenReady(this.user, (user) => {
      const key = ownerKeyOf(user, this.options.settings.userKey);
      return key === undefined ? undefined : personMark(key);
    });
  }

  /** Whether the visitor may see an island. A page has no client yet: its id is empty. */
  maySee(match: Match): boolean | Promise<boolean> {
    if (!this.options.settings.authorize) return true;
    return whenReady(this.user, (user) => mayJoin(this.options, this.waits, { id: '', user }, match));
  }

  /** The request has ended: nobody waits for the page any more. */
  leave(): void {
    this.waits.end('ISLET_ERR_NOT_JOINED');
  }
}
