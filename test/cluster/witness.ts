// Sees what all clients are shown of shared islands: each version of an epoch must be the same for all of them, and
// none may go back.

import { createHash } from 'node:crypto';
import type { ClusterClient } from './client.ts';

export class Witness {
  readonly counts = { shownTwice: 0, wentBack: 0 };
  private readonly seen = new Map<string, string>();
  private readonly each: number;
  private readonly details: string[];

  /** @param each Of so many versions, one is looked at: a tree takes its time to be written down. */
  constructor(each: number, details: string[]) {
    this.each = each;
    this.details = details;
  }

  look(client: ClusterClient): void {
    const { light, sender } = client.shared;
    const { route, epoch, version, isJoined } = light;
    if (!isJoined || epoch === '') return;
    const before = client.versions.get(epoch) ?? -1;
    if (version === before) return;
    if (version < before) {
      this.counts.wentBack++;
      this.details.push(`went back: ${sender}, from ${before} to ${version} of ${epoch}`);
    }
    client.versions.set(epoch, version);
    if (version % this.each !== 0) return;
    const name = `${route} ${epoch} ${version}`;
    const text = createHash('sha1').update(light.tree.toText()).digest('base64');
    const other = this.seen.get(name);
    if (other === undefined) this.seen.set(name, text);
    else if (other !== text) {
      this.counts.shownTwice++;
      this.details.push(`in two ways: ${name}, at ${sender}`);
    }
  }
}
