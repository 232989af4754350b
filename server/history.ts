/*
 * The last patches of an actor, encoded, for clients that have an earlier version. Bounded in bytes.
 */

// what a string takes in memory besides its characters
const overhead = 32;

export class History {
  private readonly maxBytes: number;
  private patches: string[] | undefined;
  private bytes = 0;
  /** Version that the newest patch leads to. */
  private newest = 0;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  add(version: number, patch: string): void {
    this.patches ??= [];
    this.patches.push(patch);
    this.bytes += sizeOf(patch);
    this.newest = version;
    if (this.bytes <= this.maxBytes) return;
    // half of it at once: dropping one at each patch would move all the others each time
    let drop = 0;
    while (this.bytes > this.maxBytes / 2 && drop < this.patches.length) {
      this.bytes -= sizeOf(this.patches[drop] as string);
      drop++;
    }
    this.patches.splice(0, drop);
  }

  /** The patches that lead from one version to the newest; undefined if they are not all here. */
  since(version: number, present: number): readonly string[] | undefined {
    const missing = present - version;
    if (missing === 0) return [];
    if (missing < 0 || this.patches === undefined || this.newest !== present || missing > this.patches.length)
      return undefined;
    return this.patches.slice(-missing);
  }

  clear(): void {
    this.patches = undefined;
    this.bytes = 0;
  }
}

function sizeOf(patch: string): number {
  return patch.length + overhead;
}
