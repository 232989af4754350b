/*
 * What a process has of the others: the bus that it was given, and what apps say and hear over it. Input: the settings.
 * Output: topics, and who is here, which work the same without a bus.
 */

import type { Clock } from '../../shared/runtime/clock.ts';
import type { Log } from '../inspect/log.ts';
import type { Bus } from './bus.ts';
import { Numbered } from './numbered.ts';
import { Presences } from './presences.ts';
import { Revocations, type RevocationsOptions } from './revocations.ts';
import { Topics } from './topics.ts';

export interface ClusterOptions {
  readonly bus: Bus | undefined;
  readonly clock: Clock;
  readonly log: Log;
  /** Ends rights of those who are connected here. */
  readonly revoke: RevocationsOptions['carryOut'];
}

export class Cluster {
  readonly topics: Topics;
  readonly presences: Presences;
  readonly revocations: Revocations;
  private readonly bus: Bus | undefined;
  private readonly numbered: Numbered | undefined;

  constructor({ bus, clock, log, revoke }: ClusterOptions) {
    this.bus = bus;
    this.numbered = bus && new Numbered(bus, clock);
    this.topics = new Topics(this.numbered, log);
    this.presences = new Presences(this.numbered, clock, log);
    this.revocations = new Revocations({ numbered: this.numbered, clock, carryOut: revoke });
    bus?.onError((err) => log.error({ err }, 'what was heard on the bus could not be handled'));
    bus?.onState((state) => {
      if (state === 'lost') log.warn({}, 'the connection to the bus is lost: other servers hear nothing of this one');
      else if (state === 'connected') log.info({}, 'the connection to the bus is back');
    });
  }

  /** Says and hears nothing any more. */
  async close(): Promise<void> {
    this.topics.close();
    this.presences.close();
    this.revocations.close();
    this.numbered?.close();
    await this.bus?.close();
  }
}
