/*
 * Names in a stack of the browser the files and lines that somebody wrote, in place of those of a bundle. Input: a
 * stack, and the source maps beside the bundles. Output: the same stack with places of sources, and the first that is
 * the app's own.
 */

interface SourceMap {
  readonly sources: readonly string[];
  readonly mappings: string;
}

/** A place in a source, for a column of a line of the bundle and all behind it. */
interface Entry {
  readonly column: number;
  readonly source: number;
  readonly sourceLine: number;
  readonly sourceColumn: number;
}

export interface Placed {
  readonly text: string;
  readonly where: string | undefined;
}

const place = /(https?:\/\/[^\s()]+?\.js)(?:\?[^\s():]*)?:(\d+):(\d+)/g;
/** Where the package's own sources are; in a checkout, its app's are not. */
const own = /node_modules\/|(?:^|\/)(?:client-runtime|shared|dist)\/(?!anime\/)/;

export async function placeInSources(text: string): Promise<Placed> {
  const files = new Map<string, Promise<readonly (readonly Entry[])[] | undefined>>();
  const maps = new Map<string, SourceMap>();
  let placed = text;
  let where: string | undefined;
  for (const [whole, file = '', line = '', column = ''] of text.matchAll(place)) {
    if (!files.has(file)) files.set(file, load(file, maps));
    const lines = await files.get(file);
    const entry = lines?.[Number(line) - 1]?.findLast((each) => each.column < Number(column));
    const source = entry && maps.get(file)?.sources[entry.source];
    if (!entry || source === undefined) continue;
    const found = `${source.replace(/^(?:\.\.?\/)+/, '')}:${entry.sourceLine + 1}:${entry.sourceColumn + 1}`;
    placed = placed.replace(whole, found);
    if (!own.test(source)) where ??= found;
  }
  return { text: placed, where };
}

async function load(file: string, maps: Map<string, SourceMap>): Promise<readonly (readonly Entry[])[] | undefined> {
  try {
    const map: SourceMap = await (await fetch(`${file}.map`)).json();
    maps.set(file, map);
    return decode(map.mappings);
  } catch {
    return undefined; // it has none
  }
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** Decodes the mappings of a source map: numbers in base 64, each the difference to the one before. */
function decode(mappings: string): Entry[][] {
  let [source, sourceLine, sourceColumn] = [0, 0, 0];
  return mappings.split(';').map((line) => {
    let column = 0;
    return line.split(',').flatMap((segment) => {
      const [moved = 0, ...rest] = decodeNumbers(segment);
      column += moved;
      if (rest.length < 3) return [];
      source += rest[0] ?? 0;
      sourceLine += rest[1] ?? 0;
      sourceColumn += rest[2] ?? 0;
      return [{ column, source, sourceLine, sourceColumn }];
    });
  });
}

function decodeNumbers(text: string): number[] {
  const numbers: number[] = [];
  let [value, shift] = [0, 0];
  for (const character of text) {
    const digit = digits.indexOf(character);
    value += (digit & 31) << shift;
    shift += 5;
    if (digit & 32) continue;
    numbers.push(value & 1 ? -(value >> 1) : value >> 1);
    [value, shift] = [0, 0];
  }
  return numbers;
}
