/*
 * Why nothing is read from a peer just now. Input: reasons, each with its end. Output: the transport reads while there
 * are none.
 */

import type { Transport } from '../transport/transport.ts';

/**
 * It does not read what it is answered; it takes more of the server's time than is its share; its session is asked for at
 * another process.
 */
export type Hold = 'answers' | 'share' | 'session';

export class Holds {
  private readonly transport: Pick<Transport, 'pause' | 'resume'>;
  private readonly reasons = new Set<Hold>();

  constructor(transport: Pick<Transport, 'pause' | 'resume'>) {
    this.transport = transport;
  }

  /** @param wait Calls back when the reason is gone. */
  add(reason: Hold, wait: (release: () => void) => void): void {
    if (this.reasons.has(reason)) return;
    this.reasons.add(reason);
    this.transport.pause();
    wait(() => {
      this.reasons.delete(reason);
      if (this.reasons.size === 0) this.transport.resume();
    });
  }
}
