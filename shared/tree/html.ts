/*
 * Writes HTML: of a rendered tree, with the marks that let a browser adopt it, or straight from templates, as a
 * document that is never patched. One walk serves both; escaping happens here and nowhere else.
 */

import { Embedded, Keyed, Memo, Template, UnsafeHtml } from '../language/html.ts';
import { isThenable } from '../language/thenable.ts';
import type { Compile } from '../template/compile.ts';
import { type ElementTag, type Hole, Insertion, isContent, type PlainValue } from '../template/definition.ts';
import { escapeAttribute, escapeText } from '../template/escape.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { Place } from '../template/place.ts';
import type { AttributeTexts } from './attribute-values.ts';
import { renderFieldContent, renderProperty } from './field-html.ts';
import { type Content, flatten, Instance, List, Raw } from './tree.ts';
import { toAttributeText, toPart, toSlot, toText } from './values.ts';

/** HTML, or between two pieces of it a custom element's place for content. */
export type Chunk = string | NestedElement;

/** A custom element of a template: its tag stands in the chunk before it. */
export interface NestedElement {
  readonly name: string;
  /** By name in lower case; undefined where only a parser can tell what the template says. */
  readonly attributes: { readonly [name: string]: string | undefined };
  /** Whether its template leaves it empty. */
  readonly isEmpty: boolean;
}

/** Writes a rendered island's content, with the marks that adoption needs. */
export function renderContent(content: Content): string {
  return textOf(renderChunks(content));
}

/** Writes the same in chunks, between which custom elements may be filled: one chunk, if there are none. */
export function renderChunks(content: Content): readonly Chunk[] {
  const writer = new ContentWriter();
  writer.write(content);
  return writer.finish();
}

/** The HTML of chunks in which nothing is filled. */
export function textOf(chunks: readonly Chunk[]): string {
  let text = '';
  for (const chunk of chunks) if (typeof chunk === 'string') text += chunk;
  return text;
}

class ContentWriter {
  private readonly chunks: Chunk[] = [];
  private out = '';

  finish(): readonly Chunk[] {
    this.chunks.push(this.out);
    return this.chunks;
  }

  write(content: Content): void {
    if (content === null) return;
    if (typeof content !== 'object') this.out += typeof content === 'number' ? content : escapeText(content);
    else if (content instanceof Instance) this.writeInstance(content);
    else if (content instanceof List)
      for (const chunk of content.instances) for (const instance of chunk) this.writeInstance(instance);
    else if (content instanceof Raw) this.out += content.html;
    else this.write(content.content);
  }

  private writeInstance(instance: Instance): void {
    const { pieces, stops } = instance.definition;
    let out = this.out + pieces[0];
    let hole = 0;
    let field: OpenField | undefined;
    for (let index = 0; index < stops.length; index++) {
      const stop = stops[index] as Hole | ElementTag;
      if (stop.kind === 'element') {
        this.chunks.push(out, toElement(stop, instance));
        out = '';
      } else {
        const slot = instance[hole++];
        if (stop.end) field = { hole: stop, slot, start: out.length, chunk: this.chunks.length };
        if (!isContent(stop.kind)) out += renderSlot(stop, slot);
        else if (typeof slot === 'string') out += escapeText(slot);
        else if (typeof slot === 'number') out += slot;
        else if (slot !== null) {
          this.out = out;
          this.write(slot as Content);
          out = this.out;
        }
      }
      out += pieces[index + 1];
      if (field?.hole.end?.piece === index + 1) {
        // what an element in between has drawn is not looked at
        if (field.chunk === this.chunks.length) {
          out = closeField(field, out, (pieces[index + 1] as string).length - field.hole.end.offset);
        }
        field = undefined;
      }
    }
    this.out = out;
  }
}

/** A field whose value HTML says between its tags, while that is written. */
interface OpenField {
  readonly hole: Hole;
  readonly slot: unknown;
  /** Where its content is, and in which chunk. */
  readonly start: number;
  readonly chunk: number;
}

/** @param behind How much of the HTML is behind the field's content. */
function closeField({ hole, slot, start }: OpenField, html: string, behind: number): string {
  const end = html.length - behind;
  return `${html.slice(0, start)}${renderFieldContent(hole, slot, html.slice(start, end))}${html.slice(end)}`;
}

function toElement({ name, attributes, isEmpty }: ElementTag, instance: Instance): NestedElement {
  const texts: { [name: string]: string | undefined } = {};
  for (const { name, hole, text } of attributes) {
    const slot = hole < 0 ? text : instance[hole];
    if (instance.definition.holes[hole]?.kind === HoleKind.spread) {
      for (const [each, said] of Object.entries(slot as AttributeTexts)) texts[each.toLowerCase()] = said;
      continue;
    }
    // a boolean attribute is there without a text, or not at all
    if (slot !== null && slot !== false) texts[name] = slot === true ? '' : (slot as string | undefined);
  }
  return { name, attributes: texts, isEmpty };
}

/** Writes one `<select>` of an instance, with its options. @param hole One of its holes. */
export function renderSelect(instance: Instance, hole: number): string {
  const { holes, stops, pieces } = instance.definition;
  // not of what stands in one: `<selectedcontent>`
  const startIn = (index: number): number =>
    [...(pieces[index] as string).matchAll(/<select(?![^\s/>])/gi)].at(-1)?.index ?? -1;
  const at = stops.indexOf(holes[hole] as Hole);
  let index = at;
  while (index > 0 && startIn(index) < 0) index--;
  const chunks = [(pieces[index] as string).slice(Math.max(0, startIn(index)))];
  for (; index < stops.length && (index < at || !/<\/select(?![^\s/>])/i.test(chunks.at(-1) as string)); index++) {
    const stop = stops[index] as Hole | ElementTag;
    if (stop.kind !== 'element') {
      const slot = instance[holes.indexOf(stop)];
      chunks.push(isContent(stop.kind) ? renderContent(slot as Content) : renderSlot(stop, slot));
    }
    chunks.push(pieces[index + 1] as string);
  }
  return chunks.join('');
}

/**
 * Writes a document, or any templates that are not an island, without marks.
 *
 * @param context Handed to each `Embedded` part. Parts that come later are awaited together.
 */
export function renderDocument(value: unknown, compile: Compile, context: unknown): string | Promise<string> {
  const writer = new DocumentWriter(compile, context);
  writer.write(value, undefined);
  return writer.finish();
}

class DocumentWriter {
  private readonly compile: Compile;
  private readonly context: unknown;
  private readonly chunks: (string | Promise<string>)[] = [];
  private out = '';

  constructor(compile: Compile, context: unknown) {
    this.compile = compile;
    this.context = context;
  }

  finish(): string | Promise<string> {
    if (this.chunks.length === 0) return this.out;
    return Promise.all([...this.chunks, this.out]).then((texts) => texts.join(''));
  }

  write(value: unknown, place: Place | undefined): void {
    if (value === null || typeof value !== 'object') this.writeText(value, place?.hole);
    else if (value instanceof Template) this.writeTemplate(value, place);
    else if (Array.isArray(value)) for (const item of value) this.write(item, place);
    else if (value instanceof Keyed) {
      for (const item of flatten(value.chunks)) this.write(value.view(item as never, value.deps as never), place);
    } else if (value instanceof Memo) this.write(value.view(value.deps as never), place);
    else if (value instanceof UnsafeHtml) this.out += value.html;
    else if (value instanceof Embedded) this.writeEmbedded(value);
    else this.writeText(value, place?.hole);
  }

  private writeTemplate(template: Template, place: Place | undefined): void {
    const { plainPieces, plainValues } = this.compile(template.strings, template.namespace, place);
    const { values } = template;
    let out = plainPieces[0] as string;
    let field: OpenField | undefined;
    for (let index = 0; index < plainValues.length; index++) {
      const { insertion, hole } = plainValues[index] as PlainValue;
      const value = values[index];
      switch (insertion) {
        case Insertion.content:
          if (typeof value === 'string') out += escapeText(value);
          else if (typeof value === 'number') out += value;
          else {
            this.out += out;
            this.write(value, new Place(hole, place));
            out = '';
          }
          break;
        case Insertion.quoted:
          if (typeof value === 'number') out += value;
          else out += escapeAttribute(toPart(value, hole));
          break;
        case Insertion.attribute:
          out += renderAttribute(hole.name, toAttributeText(hole.name, value, hole));
          break;
        case Insertion.slot: {
          const slot = toSlot(hole, values);
          if (hole.end) field = { hole, slot, start: this.out.length + out.length, chunk: this.chunks.length };
          out += renderSlot(hole, slot);
        }
      }
      out += plainPieces[index + 1];
      if (field?.hole.end?.plainPiece === index + 1) {
        if (field.chunk === this.chunks.length) {
          this.out = closeField(
            field,
            this.out + out,
            (plainPieces[index + 1] as string).length - field.hole.end.plainOffset,
          );
          out = '';
        }
        field = undefined;
      }
    }
    this.out += out;
  }

  private writeText(value: unknown, hole: Hole | undefined): void {
    const text = toText(value, hole);
    if (text !== null) this.out += typeof text === 'number' ? text : escapeText(text);
  }

  private writeEmbedded(part: Embedded): void {
    const html = part.renderHtml(this.context);
    if (!isThenable(html)) this.out += html;
    else {
      const later = Promise.resolve(html);
      later.catch(() => undefined); // it is looked at in the end; if the rest throws before that, it is nobody's
      this.chunks.push(this.out, later);
      this.out = '';
    }
  }
}

function renderSlot(hole: Hole, slot: unknown): string {
  switch (hole.kind) {
    case HoleKind.attribute:
      return renderAttribute(hole.name, slot as string | null);
    case HoleKind.boolean:
      return slot ? ` ${hole.name}` : '';
    case HoleKind.property:
      return renderProperty(hole, slot);
    case HoleKind.text:
      return renderText(hole, slot as string);
    case HoleKind.spread:
      return Object.entries(slot as AttributeTexts)
        .map(([name, text]) => renderAttribute(name, text))
        .join('');
    default:
      return '';
  }
}

function renderAttribute(name: string, value: string | null): string {
  return value === null ? '' : ` ${name}="${escapeAttribute(value)}"`;
}

function renderText(hole: Hole, text: string): string {
  return hole.name === 'script' || hole.name === 'style' ? text : escapeText(text);
}
