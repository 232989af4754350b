/*
 * What a browser would make of markup, on the server: parse5 is the specification's parser, but for `<select>`, which
 * may hold nearly anything since. Input: the markup of a template. Output: its outline, for the compiler to compare
 * with what was written.
 */

import { type DefaultTreeAdapterTypes, parse, parseFragment } from 'parse5';
import { past, tables } from '../shared/language/chunk-table.ts';
import type { Namespace } from '../shared/language/html.ts';
import { changesSince, rememberedTables } from '../shared/language/remembered-chunks.ts';
import { createCompiler } from '../shared/template/compile.ts';
import type { Outline } from '../shared/template/confirm.ts';
import { rows } from '../shared/tree/encode.ts';
import { withKey } from '../shared/tree/row-key.ts';

type Node = DefaultTreeAdapterTypes.Node;

const opaque = new Set('title textarea style script xmp iframe noembed noframes template noscript'.split(' '));
const htmlNamespace = 'http://www.w3.org/1999/xhtml';

export const outline: Outline = (markup, namespace, isDocument) => {
  const tokens: string[] = [];
  const read = markup.replace(/<(\/?)select(?=[\s/>])/gi, `<$1object ${selectMark}`);
  for (const node of parseMarkup(read, namespace, isDocument)) describe(node, tokens, undefined, false);
  return tokens;
};

// what is rendered by this goes to pages, which may be shown another view one day
rows.withKey = withKey;
// and its lists may be long
Object.assign(tables, rememberedTables);
past.changesSince = changesSince;

/** Compiles templates on the server. */
export const compile = createCompiler(outline);

function parseMarkup(markup: string, namespace: Namespace, isDocument: boolean): readonly Node[] {
  if (isDocument) return parse(markup).childNodes;
  if (namespace === 'html') return parseFragment(markup).childNodes;
  const tag = namespace === 'svg' ? 'svg' : 'math';
  const [wrapper, ...strays] = parseFragment(`<${tag}>${markup}</${tag}>`).childNodes;
  return [...(wrapper && 'childNodes' in wrapper ? wrapper.childNodes : []), ...strays];
}

// For a parser an `<object>` is what a `<select>` is since it may hold any content, but for the elements that end it.
const selectMark = 'data-islet-select';
const scopes = new Set('applet caption table td th marquee object template foreignObject desc title'.split(' '));
const impliedEnds = new Set('p li dd dt rb rp rt rtc option'.split(' '));

/** Whether the start tag of an element in a `<select>` ends what is open, or is dropped. */
function endsInSelect(name: string, parent: string): boolean {
  if (name === 'input' || name === 'select') return true;
  if (!/^(option|optgroup|hr)$/.test(name)) return false;
  return impliedEnds.has(parent) || (parent === 'optgroup' && name !== 'option');
}

/** @param isInSelect A `<select>` is open that what stands here could end. */
function describe(node: Node, tokens: string[], parent: string | undefined, isInSelect: boolean): void {
  if (node.nodeName === '#text') tokens.push('#');
  else if (node.nodeName === '#comment') tokens.push('!');
  else if ('tagName' in node) {
    const isSelect = node.attrs.some(({ name }) => name === selectMark);
    const name = isSelect ? 'select' : node.tagName;
    if (isInSelect && parent && node.namespaceURI === htmlNamespace && endsInSelect(name, parent)) {
      tokens.push('>');
      if (name === 'select') return;
    }
    const names = node.attrs.map(({ prefix, name }) => (prefix ? `${prefix}:${name}` : name).toLowerCase());
    const said = names.filter((each) => each !== selectMark).sort();
    tokens.push([`<${name.toLowerCase()}`, ...said].join(' '));
    const isOpaque = node.namespaceURI === htmlNamespace && opaque.has(node.tagName);
    const reaches = isSelect || (isInSelect && !scopes.has(node.tagName));
    if (!isOpaque) for (const child of node.childNodes) describe(child, tokens, name, reaches);
    tokens.push('>');
  }
}
