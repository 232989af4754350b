/*
 * A number of things in words: `1 vote`, `2 votes`.
 */

export function plural(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`;
}
