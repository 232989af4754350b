// Views of ours as uhtml draws them: the oracle of a differential test. The templates are the same literals; only
// values are put into uhtml's terms, where the two dialects differ on purpose (see `docs/decisions.md`, "Templates").

import { html as uhtml, svg as usvg } from 'uhtml';
import { compile } from '../../client-runtime/dom/html-parser.ts';
import { On } from '../../shared/language/events.ts';
import { Keyed, Memo, Template, UnsafeHtml } from '../../shared/language/html.ts';
import { type Hole, isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { flatten } from '../../shared/tree/tree.ts';

interface Prepared {
  readonly strings: TemplateStringsArray;
  readonly holes: readonly Hole[];
}

const prepared = new WeakMap<readonly string[], Prepared>();

/** Makes uhtml's hole of a template of ours. */
export function inUhtml(template: Template): Node {
  const { strings, holes } = prepare(template);
  const values = holes.map((hole) => toUhtml(hole, template.values));
  return (template.namespace === 'svg' ? usvg : uhtml)(strings, ...values) as unknown as Node;
}

function toUhtml(hole: Hole, values: readonly unknown[]): unknown {
  const value = values[hole.value];
  if (isContent(hole.kind)) return toContent(value);
  // uhtml has no partly dynamic attributes: what ours joins is one value there
  if (hole.parts) {
    return hole.parts.reduce((text, part, index) => {
      const dynamic = values[hole.value + index - 1];
      return `${text}${dynamic === false ? '' : (dynamic ?? '')}${part}`;
    });
  }
  if (hole.kind === HoleKind.event) return value instanceof On || value ? () => {} : null;
  return hole.kind === HoleKind.property ? (value ?? '') : value;
}

function toContent(value: unknown): unknown {
  // ours: booleans are nothing, so that `condition && template` shows nothing
  if (value === null || value === undefined || typeof value === 'boolean') return null;
  if (value instanceof Template) return inUhtml(value);
  if (value instanceof Memo) return toContent(value.view(value.deps as never));
  if (value instanceof Keyed)
    return flatten(value.chunks).map((item) => toItem(value.view(item as never, value.deps as never)));
  if (Array.isArray(value)) return value.map(toItem);
  if (value instanceof UnsafeHtml) {
    const template = document.createElement('template');
    template.innerHTML = value.html;
    return template.content;
  }
  return String(value);
}

/** uhtml's lists hold nodes only. */
function toItem(value: unknown): unknown {
  return value instanceof Template ? inUhtml(value) : uhtml`${toContent(value)}`;
}

/** A literal without its partly dynamic attributes: `title="a ${b}"` becomes `title=${...}`. */
function prepare({ strings, namespace }: Template): Prepared {
  const known = prepared.get(strings);
  if (known) return known;
  const { holes } = compile(strings, namespace);
  const texts: string[] = [...strings];
  for (const { kind, parts, value } of holes.toReversed()) {
    if (kind !== HoleKind.attribute || !parts) continue;
    const last = value + parts.length - 1;
    const before = (texts[value] as string).replace(/(["']?)[^"']*$/, '');
    const after = (texts[last] as string).replace(/^[^"'\s>]*["']?/, '');
    texts.splice(value, last - value + 1, before, after);
  }
  const made = Object.assign(texts, { raw: texts }) as TemplateStringsArray;
  const entry = { strings: made, holes };
  prepared.set(strings, entry);
  return entry;
}

/** What two renderings must agree on: elements, attributes and text; not comments, nor how text is cut into nodes. */
export function describeDom(root: Node): string {
  const copy = root.cloneNode(true) as Element;
  const walker = document.createTreeWalker(copy, NodeFilter.SHOW_COMMENT);
  const comments: Comment[] = [];
  while (walker.nextNode()) comments.push(walker.currentNode as Comment);
  for (const comment of comments) comment.remove();
  copy.normalize();
  const describe = (node: Node): string => {
    if (!(node instanceof Element)) return JSON.stringify(node.textContent);
    const attributes = [...node.attributes].map(({ name, value }) => `${name}=${JSON.stringify(value)}`).sort();
    const name = `${node.namespaceURI?.split('/').at(-1)}:${node.localName}`;
    return `<${[name, ...attributes].join(' ')}>${[...node.childNodes].map(describe).join('')}</>`;
  };
  return [...copy.childNodes].map(describe).join('');
}
