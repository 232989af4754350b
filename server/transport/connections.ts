/*
 * All open connections of a server, and how many each address has. Input: connections that open and end.
 * Output: the counts, for limits and for whoever watches; and whose turn it is to be asked whether they are there.
 */

/** All are asked in so many turns: at once, tens of thousands would hold up everything else. */
export const turnCount = 60;

export class Connections<Connection extends { readonly address: string }> {
  /** Each with its turn. */
  private readonly connections = new Map<Connection, number>();
  private readonly addresses = new Map<string, number>();
  private added = 0;
  private turn = 0;

  add(connection: Connection): void {
    this.connections.set(connection, this.added++ % turnCount);
    this.addresses.set(connection.address, this.countOf(connection.address) + 1);
  }

  remove(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    const count = this.countOf(connection.address) - 1;
    if (count > 0) this.addresses.set(connection.address, count);
    else this.addresses.delete(connection.address);
  }

  /** Those whose turn it is: of as many calls as there are turns, each connection is in one. */
  takeTurn(): readonly Connection[] {
    const now = this.turn++ % turnCount;
    const due: Connection[] = [];
    for (const [connection, turn] of this.connections) if (turn === now) due.push(connection);
    return due;
  }

  /** How many connections an address has. */
  countOf(address: string): number {
    return this.addresses.get(address) ?? 0;
  }

  get size(): number {
    return this.connections.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.connections.keys();
  }
}
