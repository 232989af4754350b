/*
 * Frames that wait in a connection whose peer does not read. Input: a transport, each time something was sent. Output:
 * so many bytes in its client's account, from so much on that is worth counting, until all of it has been sent.
 */

import type { Booking, Budgets } from '../limits/budgets.ts';
import type { Transport } from '../transport/transport.ts';

/** Less than this waits for a moment in any socket. */
const minBytes = 16 * 1024;

export class Unread {
  private readonly transport: Transport;
  private readonly book: (bytes: number) => Booking;
  private booking: Booking | undefined;

  /** @param onTooMuch The connection has to end, for others of its client. */
  constructor(transport: Transport, budgets: Budgets, account: string, onTooMuch: () => void) {
    this.transport = transport;
    this.book = (bytes) => budgets.book(account, { kind: 'unread', bytes, release: onTooMuch });
  }

  /** Whether enough waits to be counted. */
  static isWorthCounting({ waitingBytes }: Transport): boolean {
    return waitingBytes >= minBytes;
  }

  /** Something was sent. */
  note(): void {
    const { waitingBytes } = this.transport;
    if (this.booking) {
      this.booking.resize(waitingBytes);
      return;
    }
    this.booking = this.book(waitingBytes);
    this.transport.onceDrained(() => this.end());
  }

  end(): void {
    this.booking?.end();
    this.booking = undefined;
  }
}
