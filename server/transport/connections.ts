/*
 * All open connections of a server, and how many each address has. Input: connections that open and end.
 * Output: the counts, for limits and for whoever watches.
 */

export class Connections<Connection extends { readonly address: string }> {
  private readonly connections = new Set<Connection>();
  private readonly addresses = new Map<string, number>();

  add(connection: Connection): void {
    this.connections.add(connection);
    this.addresses.set(connection.address, this.countOf(connection.address) + 1);
  }

  remove(connection: Connection): void {
    if (!this.connections.delete(connection)) return;
    const count = this.countOf(connection.address) - 1;
    if (count > 0) this.addresses.set(connection.address, count);
    else this.addresses.delete(connection.address);
  }

  /** How many connections an address has. */
  countOf(address: string): number {
    return this.addresses.get(address) ?? 0;
  }

  get size(): number {
    return this.connections.size;
  }

  [Symbol.iterator](): Iterator<Connection> {
    return this.connections.values();
  }
}
