/*
 * Names of writes: no two are alike, whoever makes them. A random beginning for each process, and a count.
 */

import { randomBytes } from 'node:crypto';

export class WriteNames {
  private readonly writer = randomBytes(12).toString('base64url');
  private count = 0;

  next(): string {
    return `${this.writer}.${(++this.count).toString(36)}`;
  }
}
