/*
 * Reads a literal's statics into the tree that its author wrote, with the holes at their places.
 * It is strict on purpose: each element must be closed where it was opened, so that the text means one thing only;
 * `compile` then has a real parser confirm that meaning. Errors name the literal and the place.
 */

import { development } from '../language/development.ts';
import type { Namespace } from '../language/html.ts';
import { IsletError } from '../language/islet-error.ts';

export type SourceNode = SourceElement | SourceText | SourceHole;

export interface SourceElement {
  readonly kind: 'element';
  readonly name: string;
  readonly namespace: Namespace;
  readonly attributes: SourceAttribute[];
  readonly children: SourceNode[];
  readonly offset: number;
}

/** Static text as it was written (references not decoded). */
export interface SourceText {
  readonly kind: 'text';
  readonly text: string;
}

/** A `${}` between nodes, or inside the text of an element that holds only text. */
export interface SourceHole {
  readonly kind: 'hole';
  readonly value: number;
}

/** `parts` are the static texts around the values; `values` the indexes of the holes' values; both empty: no value. */
export interface SourceAttribute {
  readonly name: string;
  readonly parts: string[];
  readonly values: number[];
  readonly offset: number;
}

export interface Source {
  readonly isDocument: boolean;
  readonly doctype: string;
  readonly children: SourceNode[];
}

// NUL, which HTML cannot hold, stands for a hole, so that the statics can be read as one text. (A character beyond
// Latin-1 would make that text, each piece cut from it, and in the end every page twice as wide in memory.)
const hole = '\0';
const voidElements = new Set('area base br col embed hr img input link meta source track wbr'.split(' '));
const textOnlyElements = new Set('title textarea style script xmp iframe noembed noframes'.split(' '));
const newlineDroppers = new Set(['pre', 'listing', 'textarea']);
// Inside these elements of SVG and MathML the content is HTML again.
const htmlIslands = new Set('foreignobject desc title annotation-xml mi mo mn ms mtext'.split(' '));

/** Tells whether an element's content is text alone, in which a parser sees no elements and no comments. */
export function holdsTextOnly(element: SourceElement): boolean {
  return element.namespace === 'html' && textOnlyElements.has(element.name);
}

/** Tells whether an HTML element of this name has no content and no end tag. */
export function isVoid(element: SourceElement): boolean {
  return element.namespace === 'html' && voidElements.has(element.name);
}

/** Tells whether a parser drops a newline right behind the start tag. */
export function dropsNewline(element: SourceElement): boolean {
  return element.namespace === 'html' && newlineDroppers.has(element.name);
}

/** Tells whether an element of SVG or MathML with this name holds HTML again. */
export function isHtmlIsland(name: string): boolean {
  return htmlIslands.has(name);
}

/** Gives the namespace of what stands inside an element. */
export function contentNamespace(element: SourceElement): Namespace {
  return isHtmlIsland(element.name) ? 'html' : element.namespace;
}

/**
 * Scans the statics of one literal.
 *
 * @throws IsletError ISLET_ERR_TEMPLATE when the text is not well-formed or a hole stands where none can be.
 */
export function scan(strings: readonly string[], namespace: Namespace): Source {
  return new Scanner(strings, namespace).scan();
}

/** Makes the error for something wrong at `offset` of the literal's text (each hole counts as one character). */
export function templateError(strings: readonly string[], offset: number, problem: string): IsletError {
  const text = strings.join(hole);
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  const column = offset - before.lastIndexOf('\n');
  const near = show(text.slice(Math.max(0, offset - 20), offset + 30));
  return new IsletError(
    'ISLET_ERR_TEMPLATE',
    `${problem}, at line ${line}, column ${column} of the template \`${startOf(strings)}\`, near \`${near}\`${development.site?.(strings) ?? ''}`,
  );
}

/** The start of a literal, as a person may find it in the source. */
export function startOf(strings: readonly string[]): string {
  return show(strings.join(hole)).slice(0, 60);
}

function show(part: string): string {
  return part.replaceAll(hole, '${}').replace(/\s+/g, ' ').trim();
}

class Scanner {
  private readonly strings: readonly string[];
  private readonly text: string;
  private readonly root: SourceNode[] = [];
  private readonly open: SourceElement[] = [];
  private readonly outer: Namespace;
  private position = 0;
  private holes = 0;
  private doctype = '';

  constructor(strings: readonly string[], namespace: Namespace) {
    this.strings = strings;
    this.outer = namespace;
    this.text = strings.join(hole);
    strings.forEach((part: string | undefined, index) => {
      const offset = strings.slice(0, index + 1).join(hole).length;
      // JavaScript gives no text for an escape that it does not know, such as `\\u` without digits
      if (part === undefined)
        throw this.error(offset, 'the literal holds an invalid escape (write \\\\ for a backslash)');
      if (part.includes(hole)) throw this.error(offset, 'HTML cannot hold the character NUL');
    });
  }

  scan(): Source {
    const { text } = this;
    while (this.position < text.length) {
      const next = text.slice(this.position).search(/[<\0]/);
      const end = next < 0 ? text.length : this.position + next;
      this.addText(text.slice(this.position, end));
      this.position = end;
      if (end === text.length) break;
      if (text[end] === hole) {
        this.addNode({ kind: 'hole', value: this.holes++ });
        this.position++;
      } else this.scanMarkup();
    }
    const unclosed = this.open.at(-1);
    if (unclosed) throw this.error(unclosed.offset, `<${unclosed.name}> is not closed`);
    trim(this.root);
    const isDocument = this.doctype !== '' || this.root.some((node) => node.kind === 'element' && node.name === 'html');
    return { isDocument, doctype: this.doctype, children: this.root };
  }

  private scanMarkup(): void {
    const { text, position } = this;
    const rest = text.slice(position);
    if (rest.startsWith('<!--')) {
      const end = text.indexOf('-->', position + 4);
      if (end < 0) throw this.error(position, 'a comment is not closed');
      const comment = text.slice(position + 4, end);
      if (comment.includes(hole)) throw this.error(position, 'a comment cannot hold a hole');
      if (/^-?>|--!>/.test(comment)) throw this.error(position, 'a browser ends this comment earlier');
      this.position = end + 3;
      return;
    }
    const doctype = /^<!doctype[^>\0]*>/i.exec(rest);
    if (doctype) {
      if (this.root.some((node) => node.kind !== 'text' || node.text.trim() !== '') || this.open.length > 0) {
        throw this.error(position, 'a doctype must come first');
      }
      this.doctype = doctype[0];
      this.position += doctype[0].length;
      return;
    }
    const endTag = /^<\/([a-zA-Z][^\s/>\0]*)\s*>/.exec(rest);
    if (endTag) {
      this.closeElement((endTag[1] ?? '').toLowerCase());
      this.position += endTag[0].length;
      return;
    }
    if (/^<[!?]/.test(rest)) throw this.error(position, '`<!` and `<?` start nothing that a template can hold');
    const startTag = /^<([a-zA-Z][^\s/><\0"'=]*)(?=[\s/>])/.exec(rest);
    if (!startTag) {
      if (/^<\/?[^\s/<>"'=]*\0/.test(rest)) throw this.error(position, 'a tag name cannot hold a hole');
      throw this.error(
        position,
        /^<\/[a-z]/i.test(rest) ? 'an end tag is malformed' : 'a `<` starts no tag (write `&lt;`)',
      );
    }
    this.scanStartTag(startTag[1] ?? '');
  }

  private scanStartTag(written: string): void {
    const offset = this.position;
    this.position += 1 + written.length;
    const name = written.toLowerCase();
    const element: SourceElement = {
      kind: 'element',
      name,
      namespace: this.childNamespace(name),
      attributes: [],
      children: [],
      offset,
    };
    const selfClosing = this.scanAttributes(element);
    this.addNode(element);
    if (isVoid(element)) return;
    if (selfClosing) {
      if (element.namespace === 'html') {
        const problem = `HTML knows no self-closing <${name}/>: write <${name}></${name}>`;
        throw this.error(offset, this.open.length > 0 ? problem : `${problem}, or for SVG use the svg tag`);
      }
      return;
    }
    this.open.push(element);
    if (dropsNewline(element) && this.text[this.position] === '\n') this.position++;
    if (holdsTextOnly(element)) this.scanTextContent(element);
  }

  /** Reads attributes up to the end of the start tag; tells whether it ended with `/>`. */
  private scanAttributes(element: SourceElement): boolean {
    const { text } = this;
    const seen = new Set<string>();
    for (;;) {
      this.position += /^\s*/.exec(text.slice(this.position))?.[0].length ?? 0;
      const offset = this.position;
      const rest = text.slice(offset);
      if (rest === '') throw this.error(element.offset, `the tag <${element.name}> is not complete`);
      if (rest[0] === '>') {
        this.position++;
        return false;
      }
      if (rest.startsWith('/>')) {
        this.position += 2;
        return true;
      }
      if (rest[0] === hole)
        throw this.error(
          offset,
          'a hole cannot stand for attributes: write name=${}, or ...=${} for an object of them',
        );
      const name = /^[^\s"'<>/=\0]+/.exec(rest)?.[0];
      if (!name) throw this.error(offset, `an attribute cannot start with \`${rest[0]}\``);
      this.position += name.length;
      if (text[this.position] === hole) throw this.error(offset, 'an attribute name cannot hold a hole');
      if (seen.has(name.toLowerCase())) throw this.error(offset, `the attribute ${name} stands here twice`);
      seen.add(name.toLowerCase());
      element.attributes.push(this.scanValue(name, offset));
    }
  }

  private scanValue(name: string, offset: number): SourceAttribute {
    const { text } = this;
    const equals = /^\s*=\s*/.exec(text.slice(this.position));
    if (!equals) return { name, parts: [], values: [], offset };
    this.position += equals[0].length;
    const quote = text[this.position];
    let value: string;
    if (quote === '"' || quote === "'") {
      const end = text.indexOf(quote, this.position + 1);
      if (end < 0) throw this.error(offset, `the value of ${name} is not closed`);
      value = text.slice(this.position + 1, end);
      this.position = end + 1;
      if (!/[\s/>]/.test(text[this.position] ?? ' '))
        throw this.error(this.position, 'a space is missing between attributes');
    } else {
      value = /^[^\s"'=<>`]*/.exec(text.slice(this.position))?.[0] ?? '';
      // `<br title=${x}/>`: the slash ends the tag, it is no part of the value
      if (value.endsWith(`${hole}/`) && text[this.position + value.length] === '>') value = value.slice(0, -1);
      if (value === '') throw this.error(offset, `the value of ${name} is missing`);
      this.position += value.length;
      if (/["'=<`]/.test(text[this.position] ?? ''))
        throw this.error(this.position, `the value of ${name} needs quotes`);
    }
    const parts = value.split(hole);
    return { name, parts, values: parts.slice(1).map(() => this.holes++), offset };
  }

  private scanTextContent(element: SourceElement): void {
    const rest = this.text.slice(this.position);
    const end = rest.search(new RegExp(`</${element.name}[\\s/>]`, 'i'));
    if (end < 0) throw this.error(element.offset, `<${element.name}> is not closed`);
    rest
      .slice(0, end)
      .split(hole)
      .forEach((part, index) => {
        if (index > 0) element.children.push({ kind: 'hole', value: this.holes++ });
        if (part !== '') element.children.push({ kind: 'text', text: part });
      });
    this.position += end;
  }

  private closeElement(name: string): void {
    const element = this.open.at(-1);
    if (element?.name === name) this.open.pop();
    else if (element && this.open.some((outer) => outer.name === name)) {
      throw this.error(this.position, `<${element.name}> must be closed before </${name}>`);
    } else throw this.error(this.position, `</${name}> closes nothing`);
  }

  private addText(text: string): void {
    if (text === '') return;
    const siblings = this.open.at(-1)?.children ?? this.root;
    const last = siblings.at(-1);
    if (last?.kind === 'text') siblings[siblings.length - 1] = { kind: 'text', text: last.text + text };
    else siblings.push({ kind: 'text', text });
  }

  private addNode(node: SourceNode): void {
    (this.open.at(-1)?.children ?? this.root).push(node);
  }

  private childNamespace(name: string): Namespace {
    if (name === 'svg') return 'svg';
    if (name === 'math') return 'mathml';
    const parent = this.open.at(-1);
    return parent ? contentNamespace(parent) : this.outer;
  }

  private error(offset: number, problem: string): IsletError {
    return templateError(this.strings, offset, problem);
  }
}

// As in uhtml, white space around a literal means nothing: it comes from how the source is indented.
function trim(nodes: SourceNode[]): void {
  const first = nodes[0];
  if (first?.kind === 'text') nodes[0] = { kind: 'text', text: first.text.trimStart() };
  const last = nodes.at(-1);
  if (last?.kind === 'text') nodes[nodes.length - 1] = { kind: 'text', text: last.text.trimEnd() };
  for (let index = nodes.length - 1; index >= 0; index--) {
    const node = nodes[index];
    if (node?.kind === 'text' && node.text === '') nodes.splice(index, 1);
  }
}
