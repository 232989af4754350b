/*
 * Where a request comes from, as limits count it. Input: a request, of which Fastify's `trustProxy` says whether a
 * proxy is believed. Output: an address of IPv4, or the network of one of IPv6: who has one has all 2^64 of its /64.
 */

import { isIPv6 } from 'node:net';
import type { FastifyRequest } from 'fastify';

/** The address that a request counts for. */
export function addressOf({ ip }: Pick<FastifyRequest, 'ip'>): string {
  // a socket that is a file has none
  return countedAddress(ip ?? '');
}

/** @param text An address; what a proxy says may be anything. */
export function countedAddress(text: string): string {
  // no address of IPv6 is without one, and to look closer takes a long expression
  if (!text.includes(':')) return (text.split('%', 1)[0] as string).toLowerCase();
  const [address = ''] = text.split('%', 1);
  if (!isIPv6(address)) return address.toLowerCase();
  const groups = groupsOf(address);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 0xff])
      .join('.');
  const network = groups.slice(0, 4).map((group) => group.toString(16));
  return `${network.join(':')}::/64`;
}

/** The eight numbers of an address, however it was spelt. */
function groupsOf(address: string): number[] {
  // the end may be spelt as IPv4
  const plain = address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes) => {
    const [a = 0, b = 0, c = 0, d = 0] = bytes.slice(0, 4).map(Number);
    return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
  });
  const [head = [], tail] = plain.split('::').map((side) => (side === '' ? [] : side.split(':')));
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...zeros, ...(tail ?? [])].map((group) => Number.parseInt(group, 16));
}
