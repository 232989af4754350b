/*
 * What a template is once it is compiled: for the one who writes HTML its pieces, for the one who patches a DOM its
 * markup and where its holes are. A definition is shared by all instances and goes over the wire once.
 */

import type { Namespace } from '../language/html.ts';
import * as HoleKind from './hole-kind.ts';
import type { OpenElement } from './place.ts';

/** Tells whether a hole of this kind holds nodes. */
export function isContent(kind: HoleKind.Kind): boolean {
  return kind === HoleKind.only || kind === HoleKind.child;
}

export interface Hole {
  readonly kind: HoleKind.Kind;
  /** Name of the attribute, property or event; of the element for `text`; else empty. */
  readonly name: string;
  /** Child indexes from the template's root to the element or, for `child`, to the comment that ends it. */
  readonly path: readonly number[];
  /** Index of the hole's first value. */
  readonly value: number;
  /** Static texts around the values, where text and values make one string; else undefined. */
  readonly parts: readonly string[] | undefined;
  /** Lower-case name of the element that the hole belongs to; empty at the root. */
  readonly element: string;
  /** Namespace of that element; for content, of what stands in the hole. */
  readonly namespace: Namespace;
  /**
   * Of content: the elements of its literal that are open there, outermost first; the browser's compiler leaves them
   * out.
   */
  readonly open?: readonly OpenElement[];
  /** The start of the literal, for errors; the browser's compiler leaves it out. */
  readonly literal?: string;
  /** In development, where the literal stands. */
  readonly site?: string;
  /** Of `...=${}`: what the template itself says of the element, in lower case, so that the object cannot. */
  readonly taken?: readonly string[];
  /** Of all content of an element: whether its person may edit that. */
  readonly isEditable?: boolean | undefined;
  /** Of a value that HTML says between two tags: where the end tag is. */
  readonly end?: FieldEnd;
  /** Whether a browser may run the value as code when it is a `javascript:` URL. */
  readonly isUrl: boolean;
}

/** Names a hole for an error: its literal, which of its values, and in development the file and the line. */
export function placeOf(hole: Hole | undefined): string {
  if (!hole?.literal) return '';
  const { literal, value, kind, name, element, site = '' } = hole;
  const what = isContent(kind) ? (element ? `<${element}>` : 'the root') : name || element;
  return `, in the template \`${literal}\`, hole ${value + 1} (${what})${site}`;
}

/** Where the end tag of a field is: in which piece of HTML, and where in that. */
export interface FieldEnd {
  readonly piece: number;
  readonly offset: number;
  readonly plainPiece: number;
  readonly plainOffset: number;
}

/**
 * The start tag of a custom element in a template, at the place where the element's content begins: whoever writes HTML
 * may put something there. Data cannot make one, and raw markup cannot either.
 */
export interface ElementTag {
  readonly kind: 'element';
  readonly name: string;
  /** Whether the template holds nothing inside the element. */
  readonly isEmpty: boolean;
  readonly attributes: readonly TagAttribute[];
}

export interface TagAttribute {
  /** In lower case. */
  readonly name: string;
  /** The hole that says the value; -1: the template says it itself. */
  readonly hole: number;
  /** What the template says; undefined if that takes a parser that knows all names of characters. */
  readonly text: string | undefined;
}

/** How a value enters the HTML of a document, which is written straight from the values. */
export const Insertion = {
  content: 0,
  /** Between the quotes of an attribute that is always there. */
  quoted: 1,
  /** With the name and the quotes of its attribute, or not at all. */
  attribute: 2,
  /** As the whole hole says it. */
  slot: 3,
  /** Not at all: an event, or a value that an earlier one of its hole has said already. */
  none: 4,
} as const;

export type Insertion = (typeof Insertion)[keyof typeof Insertion];

export interface PlainValue {
  readonly insertion: Insertion;
  readonly hole: Hole;
}

export interface Definition {
  readonly strings: readonly string[];
  readonly namespace: Namespace;
  readonly isDocument: boolean;
  /** What a browser parses to make an instance: the static markup with comments as marks, holes empty. */
  readonly markup: string;
  /** The same with a mark in each hole for content, for a parser to confirm; the browser's compiler leaves it out. */
  readonly filled: string;
  readonly holes: readonly Hole[];
  /** HTML around the stops, one more than there are; with the marks that adoption needs. */
  readonly pieces: readonly string[];
  /** The holes, and between them the custom elements' start tags. */
  readonly stops: readonly (Hole | ElementTag)[];
  /** HTML around the values, without marks: for documents, which are never patched. */
  readonly plainPieces: readonly string[];
  readonly plainValues: readonly PlainValue[];
  /** Places in which a parser is known to leave the template's nodes where they are; grows while it is used. */
  readonly places: Set<string>;
}
