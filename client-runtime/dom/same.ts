/*
 * Which elements of one rendering are the same in another one, whatever has changed around them: by the keys of the rows
 * that they stand in, by what names them (an id, the name of a field, the route and the attributes of an island), and by
 * their place. Input: two renderings as items and rows (`take-over.ts` collects them). Output: `same` of items and rows,
 * on both sides. Part of `repair.ts`.
 */

/** An element of a rendering. */
export interface Item {
  readonly tag: string;
  /** In the page; of the next rendering, in its template. */
  readonly node: Element;
  /** In its template. */
  readonly pattern: Element;
  /** Its attributes, as the view says them, and which of them holes say. */
  readonly said: ReadonlyMap<string, string>;
  readonly holes: ReadonlySet<string>;
  /** The instance that it is of, and how many elements of that stand before it. */
  readonly of: object;
  readonly at: number;
  /** What stands directly in it, without rows. */
  readonly items: Item[];
  same?: Item;
  /** Pairs are counted: both have the number of theirs. */
  pair?: number;
}

/** What stands in a row, or in no row: without the rows in it. */
export interface Scope {
  /** All, in document order, and those of them that stand in no other one. */
  readonly all: Item[];
  readonly items: Item[];
  readonly rows: Row[];
}

/** A row of a list. */
export interface Row extends Scope {
  /** Unless the server has told none. */
  readonly key: unknown;
  /** Its texts, and the values of its attributes: what a view's data makes of it. */
  texts: string;
  values: string;
  /** What the list stands in, if that is in the same scope, and which of its scope's lists it is. */
  readonly parent: Item | undefined;
  readonly list: number;
  same?: Row;
}

interface Matched<Kind> {
  same?: Kind;
}

/** More pairs of siblings than this are not compared: they are the same in their order. */
const maxCompared = 100_000;

/** Finds what is the same in two renderings. */
export function findSame(old: Scope, next: Scope): void {
  let pairs = 0;

  const join = (left: Item, right: Item): void => {
    left.same = right;
    right.same = left;
    left.pair = right.pair = ++pairs;
  };

  /** Pairs those of which as many on both sides have a name. */
  const joinBy = (olds: readonly Item[], nexts: readonly Item[], nameOf: (item: Item) => string, most: number): void =>
    match(olds, nexts, nameOf, most, (left, right) => isLike(left, right) && join(left, right));

  /** Pairs siblings, so that they stay in their order. */
  const joinPlaces = (olds: readonly Item[], nexts: readonly Item[]): void => {
    for (const [left, right] of longestCommon(olds, nexts)) if (!left.same) join(left, right);
  };

  const joinInside = (items: readonly Item[]): void => {
    // outer ones first: those inside are looked through when it is their turn
    for (const item of items) if (item.same) joinPlaces(item.same.items, item.items);
  };

  const joinScopes = (before: Scope, after: Scope): void => {
    joinBy(before.all, after.all, nameOf, 1);
    joinPlaces(before.items, after.items);
    joinInside(after.all);
    joinBy(before.all, after.all, (item) => nameOf(item) || item.tag, Number.POSITIVE_INFINITY);
    joinInside(after.all);

    const placeOf = ({ parent }: Row): string => `${parent ? (parent.pair ?? '?') : ''}`;
    const keyOf = ({ key }: Row): string => (key === undefined ? '' : JSON.stringify(key));
    const looksOf = ({ texts, values }: Row): string => texts || values;
    const joinRow = (left: Row, right: Row): void => {
      // what both sides name otherwise is not the same, however it looks
      if (left.key !== right.key && left.key !== undefined && right.key !== undefined) return;
      left.same = right;
      right.same = left;
    };
    const joinRows = (nameOf: (row: Row) => string): void => match(before.rows, after.rows, nameOf, 1, joinRow);
    const inPlace = (nameOf: (row: Row) => string) => (row: Row) => nameOf(row) && `${placeOf(row)} ${nameOf(row)}`;
    joinRows(inPlace(keyOf));
    joinRows(keyOf);
    joinRows((row) => keyOf(row) && `${row.list} ${keyOf(row)}`);
    joinRows(inPlace(looksOf));
    joinRows(looksOf);
    // the others have no names: they are what they were in their order, unless that would put what a person did elsewhere
    const all = Map.groupBy(before.rows, placeOf);
    for (const [place, rest] of Map.groupBy(after.rows.filter(isNameless), placeOf)) {
      const olds = all.get(place) ?? [];
      const left = olds.filter(isNameless);
      const isWhole = left.length === rest.length && left.length === olds.length;
      for (const [at, row] of rest.entries()) {
        const old = left[at];
        if (old && (isWhole || !old.all.some(isHolding))) joinRow(old, row);
      }
    }
    for (const row of after.rows) if (row.same) joinScopes(row.same, row);
  };

  joinScopes(old, next);
  // what has a name of its own is the same in whichever row it stands
  joinBy(allIn(old), allIn(next), (item) => (isNamed(item) ? nameOf(item) : ''), 1);
  joinInside(allIn(next));
}

/** All items of a scope, and of the rows in it. */
export function allIn({ all, rows }: Scope): Item[] {
  return [...all, ...rows.flatMap(allIn)];
}

/** Pairs what is not paired yet, and has a name that equally many on both sides have. */
function match<Kind extends Matched<Kind>>(
  olds: readonly Kind[],
  nexts: readonly Kind[],
  nameOf: (one: Kind) => string,
  most: number,
  join: (left: Kind, right: Kind) => void,
): void {
  const group = (all: readonly Kind[]): Map<string, Kind[]> =>
    Map.groupBy(
      all.filter((one) => !one.same),
      nameOf,
    );
  const groups = group(olds);
  for (const [name, some] of group(nexts)) {
    const found = groups.get(name);
    if (!name || found?.length !== some.length || some.length > most) continue;
    for (const [at, one] of some.entries()) join(found[at] as Kind, one);
  }
}

const isNameless = ({ same, key }: Row): boolean => !same && key === undefined;
/** Whether it may hold what a person did. */
const isHolding = ({ tag, said }: Item): boolean =>
  /-|^(input|textarea|select|details|dialog|iframe|audio|video|canvas)$/.test(tag) || said.has('contenteditable');
const isCustom = ({ tag }: Item): boolean => tag.includes('-');
/** Attributes of a custom element that only say how it looks. */
const isLook = (name: string): boolean => /^(class|style|slot|hidden|part|title|(data|aria)-.*)$/.test(name);

/** The attributes that say which one an element is. */
function marksOf(item: Item): [name: string, text: string][] {
  const isChoice = /^(radio|checkbox)$/.test(item.said.get('type') ?? '') || item.tag === 'option';
  return [...item.said]
    .filter(([name]) =>
      isCustom(item) ? !isLook(name) : /^(id|name|type|src)$/.test(name) || (isChoice && name === 'value'),
    )
    .sort();
}

function nameOf(item: Item): string {
  const marks = marksOf(item);
  return isCustom(item) || marks.some(([name]) => name !== 'type') ? JSON.stringify([item.tag, ...marks]) : '';
}

/** Whether its name is one wherever it stands: an id, or more than which component is shown. */
function isNamed(item: Item): boolean {
  return item.said.has('id') || (isCustom(item) && marksOf(item).some(([name]) => name !== 'route'));
}

/** Whether one may be the other: what says which one it is differs at most where holes say it. */
function isLike(left: Item, right: Item): boolean {
  if (left.tag !== right.tag) return false;
  for (const [name, text] of marksOf(left)) {
    const other = right.said.get(name);
    if (other === undefined || other === text) continue;
    // an island takes other attributes, and a frame another page, as after any change of the model
    const mayDiffer = name === 'src' || (isCustom(left) && !/^(id|name|route)$/.test(name));
    if (!mayDiffer || !left.holes.has(name) || !right.holes.has(name)) return false;
  }
  return true;
}

/** The most siblings that may be the same, in the same order on both sides: preferably those that look alike. */
function longestCommon(olds: readonly Item[], nexts: readonly Item[]): [Item, Item][] {
  const weigh = (left: Item, right: Item): number => {
    if (left.same || right.same) return left.same === right ? 3 : 0;
    if (!isLike(left, right)) return 0;
    return left.pattern.isEqualNode(right.pattern) ? 3 : 2;
  };
  const [height, width] = [olds.length, nexts.length];
  if (height * width > maxCompared) {
    return olds.flatMap((left, at) => {
      const right = nexts[at];
      return right && weigh(left, right) ? [[left, right] as [Item, Item]] : [];
    });
  }
  const weights = olds.map((left) => nexts.map((right) => weigh(left, right)));
  /** The best sums of what stands at such places or behind them. */
  const best = Array.from({ length: height + 1 }, () => new Uint32Array(width + 1));
  const at = (row: number, column: number): number => (best[row] as Uint32Array)[column] as number;
  const weightAt = (row: number, column: number): number => (weights[row] as number[])[column] as number;
  for (let row = height - 1; row >= 0; row--) {
    for (let column = width - 1; column >= 0; column--) {
      const weight = weightAt(row, column);
      (best[row] as Uint32Array)[column] = Math.max(
        at(row + 1, column),
        at(row, column + 1),
        weight && weight + at(row + 1, column + 1),
      );
    }
  }
  const pairs: [Item, Item][] = [];
  for (let row = 0, column = 0; row < height && column < width; ) {
    const weight = weightAt(row, column);
    if (weight && at(row, column) === weight + at(row + 1, column + 1))
      pairs.push([olds[row++] as Item, nexts[column++] as Item]);
    else if (at(row, column) === at(row + 1, column)) row++;
    else column++;
  }
  return pairs;
}
