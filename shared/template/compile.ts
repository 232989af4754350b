/*
 * Compiles a literal once: from the author's tree (`scan`) to the pieces of HTML around its holes, the markup that a
 * browser clones, and the holes' places. A specification parser then has to confirm that tree (`confirm`).
 */

import { development } from '../language/development.ts';
import type { Namespace } from '../language/html.ts';
import { confirmPlace, confirmTree, mark, type Outline } from './confirm.ts';
import {
  type Definition,
  type ElementTag,
  type FieldEnd,
  type Hole,
  Insertion,
  isContent,
  type PlainValue,
  placeOf,
  type TagAttribute,
} from './definition.ts';
import { canStartScriptUrl, escapeAttribute, isUrlAttribute } from './escape.ts';
import * as HoleKind from './hole-kind.ts';
import type { Place } from './place.ts';
import { decodeReferences } from './references.ts';
import { refusedName } from './refused-names.ts';
import {
  contentNamespace,
  dropsNewline,
  holdsTextOnly,
  isVoid,
  type SourceAttribute,
  type SourceElement,
  type SourceNode,
  scan,
  startOf,
  templateError,
} from './scan.ts';
import { stateKindOf } from './state-attributes.ts';
import { surroundingsOf } from './surroundings.ts';

export type Compile = (strings: readonly string[], namespace: Namespace, place?: Place) => Definition;

/**
 * Makes a compiler that remembers each literal, from the parser of the place where it runs. Given the place that an
 * instance will stand in, it also has the parser confirm that the template may stand there. Without a parser nothing
 * is confirmed: for tests of components alone.
 */
export function createCompiler(outline: Outline | undefined): Compile {
  const compiled = new WeakMap<readonly string[], Definition>();
  let latest: Definition | undefined; // the rows of a list ask for the same one again and again
  return (strings, namespace, place) => {
    let definition = latest?.strings === strings ? latest : compiled.get(strings);
    if (definition === undefined) {
      definition = compile(strings, namespace, outline);
      compiled.set(strings, definition);
    }
    latest = definition;
    if (outline && place && !definition.places.has(surroundingsOf(place).key)) confirmPlace(definition, place, outline);
    return definition;
  };
}

function compile(strings: readonly string[], namespace: Namespace, outline: Outline | undefined): Definition {
  const source = scan(strings, namespace);
  const writer = new Writer(strings, source.isDocument, namespace);
  if (source.doctype) writer.write(source.doctype);
  writer.writeChildren(source.children, [], undefined);
  const definition = writer.finish();
  if (outline) confirmTree(source.children, definition, outline);
  development.events?.(
    definition.holes
      .filter(({ kind }) => kind === HoleKind.event)
      .map((hole) => ({ name: hole.name, element: hole.element, where: placeOf(hole) })),
  );
  return definition;
}

/** The attribute of an element whose content belongs to other code. */
const foreignMark = 'data-islet-own';

/** Walks the source once and writes pieces, markup and holes together, so that they cannot disagree. */
class Writer {
  private readonly strings: readonly string[];
  private readonly isDocument: boolean;
  private readonly namespace: Namespace;
  private readonly literal: string;
  private readonly holes: Hole[] = [];
  private readonly pieces: string[] = [''];
  private readonly stops: (Hole | ElementTag)[] = [];
  private readonly plainPieces: string[] = [''];
  private readonly plainValues: PlainValue[] = [];
  private readonly open: SourceElement[] = [];
  private markup = '';
  // some elements are only left alone while they are empty
  private filled = '';

  constructor(strings: readonly string[], isDocument: boolean, namespace: Namespace) {
    this.strings = strings;
    this.isDocument = isDocument;
    this.namespace = namespace;
    this.literal = startOf(strings);
  }

  finish(): Definition {
    if (this.markup === '') this.writeMark(); // an instance without nodes would have no place
    return {
      strings: this.strings,
      namespace: this.namespace,
      isDocument: this.isDocument,
      markup: this.markup,
      filled: this.filled,
      holes: this.holes,
      pieces: this.pieces.map(copy),
      stops: this.stops,
      plainPieces: this.plainPieces.map(copy),
      plainValues: this.plainValues,
      places: new Set(),
    };
  }

  /** Writes static HTML. */
  write(text: string): void {
    this.markup += text;
    this.filled += text;
    this.pieces[this.pieces.length - 1] += text;
    this.plainPieces[this.plainPieces.length - 1] += text;
  }

  writeChildren(children: readonly SourceNode[], path: readonly number[], parent: SourceElement | undefined): void {
    const only = children[0];
    if (parent && children.length === 1 && only?.kind === 'hole') {
      this.addContent(HoleKind.only, only.value, path, parent);
      this.filled += mark;
      return;
    }
    let index = 0;
    children.forEach((child, position) => {
      if (child.kind === 'text') {
        // others replace texts, as translators do: an instance neither starts nor ends with one
        if (!parent && position === 0) {
          this.writeMark();
          index++;
        }
        this.write(child.text);
        index++;
        // text at the end of an instance would merge with the text of the next one
        if (!parent && position === children.length - 1) this.writeMark();
      } else if (child.kind === 'element') {
        this.writeElement(child, [...path, index++]);
      } else {
        const previous = children[position - 1];
        if (previous?.kind === 'text' || (!parent && !previous)) {
          this.writeMark();
          index++;
        }
        this.addContent(HoleKind.child, child.value, [...path, index++], parent);
        this.writeMark();
      }
    });
  }

  private writeElement(element: SourceElement, path: readonly number[]): void {
    const firstHole = this.holes.length;
    this.write(`<${element.name}`);
    for (const attribute of element.attributes) this.writeAttribute(attribute, element, path);
    this.write('>');
    if (isVoid(element)) return;
    if (isCustom(element)) this.addTag(element, firstHole);
    // Of a newline that a parser drops here, one more keeps those that belong to the content.
    const [first] = element.children;
    if (dropsNewline(element) && (first?.kind === 'hole' || (first?.kind === 'text' && first.text.startsWith('\n')))) {
      this.write('\n');
    }
    const ownHoles = this.holes.length;
    this.open.push(element);
    if (holdsTextOnly(element)) this.writeTextContent(element, path);
    else this.writeChildren(element.children, path, element);
    this.open.pop();
    if (this.holes.length > ownHoles && element.attributes.some(({ name }) => name.toLowerCase() === foreignMark)) {
      throw this.errorAt(
        element.offset,
        `what stands in an element with ${foreignMark} is not Islet's: it cannot hold a hole, but its attributes can`,
      );
    }
    this.endField(element, firstHole);
    this.write(`</${element.name}>`);
  }

  /**
   * Notes at the hole of a field's value where the field ends.
   *
   * @param firstHole The first hole that may be one of its tag.
   */
  private endField(element: SourceElement, firstHole: number): void {
    const { name, namespace, children } = element;
    if (namespace !== 'html' || !(name === 'select' || (name === 'textarea' && children.length === 0))) return;
    const index = this.holes.findIndex(
      (hole, at) =>
        at >= firstHole && hole.kind === HoleKind.property && hole.name === 'value' && hole.element === name,
    );
    if (index < 0) return;
    const { pieces, plainPieces } = this;
    const end: FieldEnd = {
      piece: pieces.length - 1,
      offset: pieces.at(-1)?.length ?? 0,
      plainPiece: plainPieces.length - 1,
      plainOffset: plainPieces.at(-1)?.length ?? 0,
    };
    Object.assign(this.holes[index] as Hole, { end });
  }

  private writeAttribute(attribute: SourceAttribute, element: SourceElement, path: readonly number[]): void {
    const { name, parts, values } = attribute;
    if (name === spreadName) {
      this.writeSpread(attribute, element, path);
      return;
    }
    const [prefix] = name;
    const isSpecial = prefix === '?' || prefix === '.' || prefix === '@';
    if (values.length === 0) {
      if (isSpecial) throw this.error(attribute, `${name} needs a hole as its value: ${name}=\${...}`);
      this.write(parts.length === 0 ? ` ${name}` : ` ${name}="${(parts[0] ?? '').replaceAll('"', '&quot;')}"`);
      return;
    }
    const isWhole = isOneHole(attribute);
    const hole = { path, value: values[0] ?? 0, element: element.name, namespace: element.namespace };
    if (!isSpecial) {
      this.refuseAttribute(attribute, name, element);
      const joined = isWhole ? undefined : parts.map((part) => this.decode(part, attribute.offset));
      const state = stateKind(element, name);
      if (state !== undefined) {
        this.addHole({ ...hole, kind: state, name: name.toLowerCase(), parts: joined, isUrl: false });
        return;
      }
      this.addHole({
        ...hole,
        kind: HoleKind.attribute,
        name,
        parts: joined,
        isUrl: isUrlAttribute(name, element.name) && canStartScriptUrl(joined?.[0] ?? ''),
      });
      return;
    }
    if (!isWhole) throw this.error(attribute, `the value of ${name} must be one hole and nothing else`);
    const bare = name.slice(1);
    if (bare === '') throw this.error(attribute, `a name is missing behind ${prefix}`);
    if (prefix !== '@') this.refuseAttribute(attribute, bare, element);
    const state = prefix === '?' ? (stateKind(element, bare) ?? HoleKind.boolean) : undefined;
    const kind = state ?? (prefix === '.' ? HoleKind.property : HoleKind.event);
    this.addHole({
      ...hole,
      kind,
      name: bare,
      parts: undefined,
      isUrl: prefix === '.' && isUrlAttribute(bare, element.name),
    });
  }

  private writeSpread(attribute: SourceAttribute, element: SourceElement, path: readonly number[]): void {
    const { name, namespace } = element;
    if (!isOneHole(attribute)) {
      throw this.error(attribute, `${spreadName} needs one hole as its value: ${spreadName}=\${...}`);
    }
    // what an object says of these may be code, and may come from anywhere
    if (/^(script|animate|set)$/.test(name)) throw this.error(attribute, `<${name}> cannot have ${spreadName}`);
    const taken = element.attributes.flatMap((other) => takenName(other.name) ?? []);
    const value = attribute.values[0] as number;
    const hole = { name: '', path, value, parts: undefined, element: name, namespace };
    this.addHole({ ...hole, kind: HoleKind.spread, isUrl: false, taken });
  }

  private writeTextContent(element: SourceElement, path: readonly number[]): void {
    const parts = [''];
    const values: number[] = [];
    for (const child of element.children) {
      if (child.kind === 'hole') {
        values.push(child.value);
        parts.push('');
      } else if (child.kind === 'text') parts[parts.length - 1] += child.text;
    }
    const [value] = values;
    if (value === undefined) {
      this.write(parts[0] ?? '');
      return;
    }
    const isWhole = isOneHole({ parts, values });
    const hole = { path, value, name: element.name, element: element.name, namespace: element.namespace, isUrl: false };
    switch (element.name) {
      case 'title':
      case 'textarea': {
        const joined = isWhole ? undefined : parts.map((part) => this.decode(part, element.offset));
        this.addHole({ ...hole, kind: HoleKind.text, parts: joined });
        return;
      }
      case 'style':
        this.addHole({ ...hole, kind: HoleKind.text, parts: isWhole ? undefined : parts });
        return;
      case 'script':
        if (!isDataScript(element) || values.length > 1 || parts.some((part) => part.trim() !== '')) {
          throw this.errorAt(element.offset, 'a <script> can hold one hole only, as data: type="application/json"');
        }
        this.addHole({ ...hole, kind: HoleKind.text, parts: undefined });
        return;
      default:
        throw this.errorAt(element.offset, `<${element.name}> cannot hold a hole`);
    }
  }

  private addContent(
    kind: HoleKind.Kind,
    value: number,
    path: readonly number[],
    parent: SourceElement | undefined,
  ): void {
    const namespace = parent ? contentNamespace(parent) : this.namespace;
    this.addHole({
      kind,
      name: '',
      path,
      value,
      parts: undefined,
      element: parent?.name ?? '',
      namespace,
      isUrl: false,
      isEditable:
        kind === HoleKind.only && parent?.attributes.some(({ name }) => name.toLowerCase() === 'contenteditable'),
      open: this.open.map(({ name, namespace }) => ({ name, namespace })),
    });
  }

  /** Notes where a custom element's content begins. @param firstHole The first hole that may be one of its tag. */
  private addTag(element: SourceElement, firstHole: number): void {
    const { name, children } = element;
    let index = firstHole;
    const attributes = element.attributes.flatMap(({ name, parts, values }): TagAttribute[] => {
      if (values.length === 0) return [{ name: name.toLowerCase(), hole: -1, text: tryToDecode(parts[0] ?? '') }];
      const hole = index++;
      const { kind, name: bare } = this.holes[hole] as Hole;
      const isAttribute = kind === HoleKind.attribute || kind === HoleKind.boolean || kind === HoleKind.spread;
      return isAttribute ? [{ name: bare.toLowerCase(), hole, text: undefined }] : [];
    });
    this.addStop({ kind: 'element', name, isEmpty: children.length === 0, attributes });
  }

  /**
   * Whether nothing can be patched inside an element: a `<template>`'s children are in another document, a
   * `<noscript>`'s are text where scripts run, and a script inside SVG would run its text. A document is never patched.
   */
  private isClosed({ name, namespace }: SourceElement): boolean {
    if (namespace !== 'html') return name === 'script';
    return !this.isDocument && (name === 'template' || name === 'noscript');
  }

  private addStop(stop: Hole | ElementTag): void {
    this.stops.push(stop);
    this.pieces.push('');
  }

  private addHole(data: Hole): void {
    const closed = this.open.find((element) => this.isClosed(element));
    if (closed) throw this.errorAt(closed.offset, `<${closed.name}> cannot hold a hole`);
    const site = development.site?.(this.strings);
    const hole = { ...data, literal: this.literal, ...(site && { site }) };
    this.holes.push(hole);
    this.addStop(hole);
    this.addPlainValues(hole);
  }

  private addPlainValues(hole: Hole): void {
    const { kind, parts, name, isUrl } = hole;
    const add = (insertion: Insertion, behind = ''): void => {
      this.plainValues.push({ insertion, hole });
      this.plainPieces.push(behind);
    };
    if (isContent(kind)) add(Insertion.content);
    else if (kind === HoleKind.event) add(Insertion.none);
    else if (kind === HoleKind.attribute && parts && !isUrl) {
      const [first = '', ...others] = parts.map(escapeAttribute);
      this.plainPieces[this.plainPieces.length - 1] += ` ${name}="${first}`;
      others.forEach((part, index) => {
        add(Insertion.quoted, index === others.length - 1 ? `${part}"` : part);
      });
    } else {
      add(kind === HoleKind.attribute && !parts && !isUrl ? Insertion.attribute : Insertion.slot);
      for (let rest = (parts?.length ?? 2) - 2; rest > 0; rest--) add(Insertion.none);
    }
  }

  private writeMark(): void {
    this.markup += mark;
    this.filled += mark;
    this.pieces[this.pieces.length - 1] += mark;
  }

  private refuseAttribute(attribute: SourceAttribute, name: string, element: SourceElement): void {
    const problem = refusedName(name);
    if (problem) throw this.error(attribute, problem);
    // An animation can write `javascript:` into a link.
    if ((element.name === 'animate' || element.name === 'set') && /^(attributename|to|from|by|values)$/i.test(name)) {
      const target = element.attributes.find((other) => other.name.toLowerCase() === 'attributename');
      if (!target || target.values.length > 0 || /href$/i.test(target.parts[0] ?? '')) {
        throw this.error(attribute, `${name} cannot be dynamic unless attributeName is written out and no link's`);
      }
    }
  }

  private decode(text: string, offset: number): string {
    return decodeReferences(text, (reference) => {
      throw this.errorAt(offset, `${reference} cannot stand next to a hole: write the character itself, or &amp;`);
    });
  }

  private error(attribute: SourceAttribute, problem: string): Error {
    return this.errorAt(attribute.offset, problem);
  }

  private errorAt(offset: number, problem: string): Error {
    return templateError(this.strings, offset, problem);
  }
}

const spreadName = '...';

/** Whether a value is one hole and nothing else. */
function isOneHole({ parts, values }: Pick<SourceAttribute, 'parts' | 'values'>): boolean {
  return values.length === 1 && parts.every((part) => part === '');
}

// A property may say the same as the attribute of its name.
function takenName(name: string): string | undefined {
  return name === spreadName || name.startsWith('@') ? undefined : name.replace(/^[?.]/, '').toLowerCase();
}

// A string cut from another or put together from several is a view of these: copied in one piece it is written faster.
function copy(text: string): string {
  return text.split('').join('');
}

function stateKind({ name, namespace, attributes }: SourceElement, attribute: string): HoleKind.Kind | undefined {
  const type = attributes.find((each) => each.name.toLowerCase() === 'type');
  return namespace === 'html' ? stateKindOf(name, type?.parts[0] ?? '', attribute.toLowerCase()) : undefined;
}

function isCustom({ name, namespace }: SourceElement): boolean {
  return namespace === 'html' && name.includes('-');
}

function tryToDecode(text: string): string | undefined {
  let isKnown = true;
  const decoded = decodeReferences(text, (reference) => {
    isKnown = false;
    return reference;
  });
  return isKnown ? decoded : undefined;
}

function isDataScript(element: SourceElement): boolean {
  const type = element.attributes.find((attribute) => attribute.name.toLowerCase() === 'type');
  const isStatic = type !== undefined && type.values.length === 0;
  return isStatic && /^((application|text)\/([\w.-]+\+)?json|importmap|speculationrules)$/i.test(type.parts[0] ?? '');
}
