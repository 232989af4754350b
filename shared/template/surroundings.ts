/*
 * Where content stands: in a hole, of an instance that stands in a place in turn. Input: the holes from the outermost
 * to the innermost. Output: the open elements that a parser would still care about there, fewer than there are: so that
 * few places differ, and what was confirmed in one of them holds in all that are alike.
 */

import type { Namespace } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';
import { type Hole, placeOf } from './definition.ts';
import type { OpenElement, Place } from './place.ts';
import { isHtmlIsland } from './scan.ts';

/** What a parser would care about at a place. */
export interface Surroundings {
  readonly key: string;
  /** From the outermost to the innermost, which is the parent, if that is known. */
  readonly open: readonly OpenElement[];
  /** What stands there is of this namespace; undefined: nobody knows. */
  readonly namespace: Namespace | undefined;
}

const nowhere: Surroundings = { key: '', open: [], namespace: undefined };

/** So deep may templates stand in each other: deeper ones a server could still render, and browsers could not show. */
export const maxDepth = 500;

/**
 * Gives what a parser would care about. It is found once for each hole and each kind of place that its instances stand
 * in.
 *
 * @param depth How many places have been passed on the way outwards.
 * @throws IsletError ISLET_ERR_RENDER for a place that is too deep.
 */
export function surroundingsOf({ hole, outer }: Place, depth = 1): Surroundings {
  if (depth > maxDepth) {
    throw new IsletError(
      'ISLET_ERR_RENDER',
      `templates stand in each other more than ${maxDepth} deep${placeOf(hole)}`,
    );
  }
  const around = outer ? surroundingsOf(outer, depth + 1) : nowhere;
  let known = byHole.get(hole);
  if (!known) {
    known = new Map();
    byHole.set(hole, known);
  }
  let found = known.get(around.key);
  if (!found) {
    found = surround(around, hole);
    known.set(around.key, found);
  }
  return found;
}

const byHole = new WeakMap<Hole, Map<string, Surroundings>>();

function surround(outer: Surroundings, hole: Hole): Surroundings {
  const { open = [] } = hole;
  if (open.length === 0) return outer;
  const relevant = [...outer.open, ...open].reduce<OpenElement[]>((stack, element) => {
    if (isFrame(element)) return stack;
    const parent = stack.at(-1);
    // what is in between is forgotten, unless a start tag may close it or is dropped because of it
    const kept = parent && !(parent.namespace === 'html' && remembered.has(parent.name)) ? stack.slice(0, -1) : stack;
    return [...kept.filter((other) => !isHidden(other, element)), element];
  }, []);
  const key = relevant.map(({ name, namespace }) => `${namespace} ${name}`).join('>');
  return { key: `${hole.namespace}:${key}`, open: relevant, namespace: hole.namespace };
}

const setOf = (names: string): ReadonlySet<string> => new Set(names.split(' '));

// Of the specification's "in body" mode: those whose being open changes what a start tag further inside does.
const remembered = setOf('p a nobr button form li dd dt select ruby');
const scopes = setOf('applet caption html table td th marquee object select template');
/** Formatting elements before one of these are not closed by what stands inside. */
const markers = setOf('applet object marquee select template td th caption');
/** Elements that end the search for an open list item, besides those above. */
const special = setOf(
  'article aside blockquote body button center details dir dl fieldset figcaption figure footer form frameset h1 h2 h3 ' +
    'h4 h5 h6 header hgroup iframe listing main menu nav ol pre search section select summary tbody tfoot thead tr ul ' +
    'dd dt li xmp plaintext colgroup',
);

/** Whether an element is out of reach for what stands in another one inside it. */
function isHidden({ name }: OpenElement, by: OpenElement): boolean {
  const isScope = by.namespace === 'html' ? scopes.has(by.name) : isHtmlIsland(by.name);
  if (by.namespace !== 'html' && !isScope) return false;
  switch (name) {
    case 'form':
      return by.name === 'template';
    case 'a':
      return by.namespace === 'html' && markers.has(by.name);
    case 'p':
      return isScope || by.name === 'button';
    case 'li':
    case 'dd':
    case 'dt':
      return isScope || special.has(by.name);
    default:
      return isScope;
  }
}

/** A document's frame is no place of its own: a parser makes it where it is missing. */
function isFrame({ name, namespace }: OpenElement): boolean {
  return namespace === 'html' && (name === 'html' || name === 'body');
}
