/*
 * Writes HTML: of a rendered tree, with the marks that let a browser adopt it, or straight from templates, as a
 * document that is never patched. One walk serves both; escaping happens here and nowhere else.
 */

import { Embedded, Keyed, Memo, Template, UnsafeHtml } from '../language/html.ts';
import type { Compile } from '../template/compile.ts';
import { type Hole, Insertion, isContent, nestedMark, type PlainValue } from '../template/definition.ts';
import { escapeAttribute, escapeText } from '../template/escape.ts';
import * as HoleKind from '../template/hole-kind.ts';
import { type Content, Instance, List, Raw } from './tree.ts';
import { toAttribute, toPart, toSlot, toText } from './values.ts';

/** Properties that HTML can say as attributes, so that a page works before its script runs. */
const reflected: Record<string, { attribute: string; isBoolean: boolean }> = {
  value: { attribute: 'value', isBoolean: false },
  checked: { attribute: 'checked', isBoolean: true },
  selected: { attribute: 'selected', isBoolean: true },
  disabled: { attribute: 'disabled', isBoolean: true },
  open: { attribute: 'open', isBoolean: true },
  hidden: { attribute: 'hidden', isBoolean: true },
  className: { attribute: 'class', isBoolean: false },
  href: { attribute: 'href', isBoolean: false },
  src: { attribute: 'src', isBoolean: false },
  max: { attribute: 'max', isBoolean: false },
};

/** Writes a rendered island's content, with the marks that adoption needs. */
export function renderContent(content: Content): string {
  return renderMarked(content).replaceAll(nestedMark, '');
}

/** Writes the same with a mark before each custom element of a template, for a server that fills these. */
export function renderMarked(content: Content): string {
  if (content === null) return '';
  if (typeof content !== 'object') return typeof content === 'number' ? String(content) : escapeText(content);
  if (content instanceof Instance) return renderInstance(content);
  if (content instanceof List) {
    let out = '';
    for (const instance of content.instances) out += renderInstance(instance);
    return out;
  }
  return content instanceof Raw ? content.html.replaceAll(nestedMark, '') : renderMarked(content.content);
}

function renderInstance(instance: Instance): string {
  const { definition } = instance;
  const { holes, pieces } = definition;
  let out = pieces[0] as string;
  for (let index = 0; index < holes.length; index++) {
    const hole = holes[index] as Hole;
    const slot = instance[index];
    if (isContent(hole.kind)) {
      if (typeof slot === 'string') out += escapeText(slot);
      else if (typeof slot === 'number') out += slot;
      else if (slot !== null) out += renderMarked(slot as Content);
    } else out += renderSlot(hole, slot);
    out += pieces[index + 1];
  }
  return out;
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

  write(value: unknown, hole: Hole | undefined): void {
    if (value === null || typeof value !== 'object') this.writeText(value, hole);
    else if (value instanceof Template) this.writeTemplate(value);
    else if (Array.isArray(value)) for (const item of value) this.write(item, hole);
    else if (value instanceof Keyed) {
      for (const item of value.items) this.write(value.view(item as never), hole);
    } else if (value instanceof Memo) this.write(value.view(), hole);
    else if (value instanceof UnsafeHtml) this.out += value.html;
    else if (value instanceof Embedded) this.writeEmbedded(value);
    else this.writeText(value, hole);
  }

  private writeTemplate(template: Template): void {
    const { plainPieces, plainValues } = this.compile(template.strings, template.namespace);
    const { values } = template;
    let out = plainPieces[0] as string;
    for (let index = 0; index < plainValues.length; index++) {
      const { insertion, hole } = plainValues[index] as PlainValue;
      const value = values[index];
      switch (insertion) {
        case Insertion.content:
          if (typeof value === 'string') out += escapeText(value);
          else if (typeof value === 'number') out += value;
          else {
            this.out += out;
            this.write(value, hole);
            out = '';
          }
          break;
        case Insertion.quoted:
          if (typeof value === 'number') out += value;
          else out += escapeAttribute(toPart(value, hole));
          break;
        case Insertion.attribute:
          out += renderAttribute(hole.name, typeof value === 'string' ? value : toAttribute(value, hole));
          break;
        case Insertion.slot:
          out += renderSlot(hole, toSlot(hole, values));
      }
      out += plainPieces[index + 1];
    }
    this.out += out;
  }

  private writeText(value: unknown, hole: Hole | undefined): void {
    const text = toText(value, hole);
    if (text !== null) this.out += typeof text === 'number' ? text : escapeText(text);
  }

  private writeEmbedded(part: Embedded): void {
    const html = part.renderHtml(this.context);
    if (typeof html === 'string') this.out += html;
    else {
      html.catch(() => undefined); // it is looked at in the end; if the rest throws before that, it is nobody's
      this.chunks.push(this.out, html);
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
    default:
      return '';
  }
}

function renderAttribute(name: string, value: string | null): string {
  return value === null ? '' : ` ${name}="${escapeAttribute(value)}"`;
}

function renderProperty(hole: Hole, slot: unknown): string {
  if (slot === null || slot === false) return '';
  const known = Object.hasOwn(reflected, hole.name) ? reflected[hole.name] : undefined;
  if (known === undefined || hole.element.includes('-')) return '';
  if (known.isBoolean) return slot ? ` ${known.attribute}` : '';
  // the value of these two is not said by an attribute
  if (known.attribute === 'value' && (hole.element === 'textarea' || hole.element === 'select')) return '';
  return ` ${known.attribute}="${escapeAttribute(toAttribute(slot, hole) ?? '')}"`;
}

function renderText(hole: Hole, text: string): string {
  return hole.name === 'script' || hole.name === 'style' ? text : escapeText(text);
}
