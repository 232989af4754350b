/*
 * Compiles a literal in the browser, by the browser's own parser. Input: a literal's texts. Output: the same holes
 * and nodes that `shared/template/compile.ts` makes of it, without reading it twice: what that compiler refuses is
 * refused here only where it would be dangerous. The strict one checks in development (`checks.ts`) and on servers.
 */

import type { Namespace } from '../../shared/language/html.ts';
import { IsletError } from '../../shared/language/islet-error.ts';
import type { Compile } from '../../shared/template/compile.ts';
import type { Definition, Hole } from '../../shared/template/definition.ts';
import { isUrlAttribute } from '../../shared/template/escape.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { refusedName } from '../../shared/template/refused-names.ts';
import { stateKindOf } from '../../shared/template/state-attributes.ts';
import { announce } from './announce.ts';
import { checks } from './checks.ts';
import { isEditable } from './edited.ts';
import { getAttribute, read, removeAttribute } from './native.ts';
import type { DomTemplate } from './templates.ts';
import { trusted } from './trusted.ts';

/** A definition with the nodes that its instances are copies of. */
export interface BrowserDefinition extends Definition {
  readonly content: DocumentFragment;
}

// Stands for a hole. Parsers replace NUL, and keep this where it is, in a value as in a text.
const hole = '\ue5e7';

// Comments go; holes between nodes become comments, since a table would throw text out. In tags, and in what holds text
// alone, they stay as they are: a value cannot end before its hole.
const inTag = `(?:"[^"]*"|'[^']*'|[^"'>])*>`;
// made of the same character, which a page that says no encoding reads as others; when a literal is compiled, so that
// an app without any has none of it
const toToken = (): RegExp =>
  new RegExp(`<!--[^]*?-->|<(title|textarea|style|script)\\b${inTag}[^]*?(?=</\\1)|<[a-z]${inTag}|${hole}`, 'gi');

const wrappers: Record<Namespace, string> = { html: '', svg: 'svg', mathml: 'math' };
const kinds: Record<string, HoleKind.Kind> = { '?': HoleKind.boolean, '.': HoleKind.property, '@': HoleKind.event };
const compiled = new WeakMap<readonly string[], BrowserDefinition>();

/** Compiles a literal, or gives what was made of it before. */
export const compile: Compile = (strings, namespace, place) => {
  checks.compile?.(strings, namespace, place);
  const definition = compiled.get(strings) ?? toDefinition(strings, namespace);
  compiled.set(strings, definition);
  return definition;
};

/** A definition that `compile` made is a template as well. */
export function toDomTemplate(definition: Definition): DomTemplate {
  return definition as BrowserDefinition;
}

function toDefinition(strings: readonly string[], namespace: Namespace): BrowserDefinition {
  const template = document.createElement('template');
  const wrapper = wrappers[namespace];
  const markup = strings.join(hole).replace(toToken(), mark).trim();
  template.innerHTML = trusted(wrapper ? `<${wrapper}>${markup}</${wrapper}>` : markup);
  const { content } = template;
  announce(content);
  if (wrapper) content.replaceChildren(...(content.firstChild as Node).childNodes);

  const holes: Hole[] = [];
  let value = 0;
  const add = (
    kind: HoleKind.Kind,
    name: string,
    path: readonly number[],
    parts: readonly string[],
    element = '',
    taken?: readonly string[],
  ): void => {
    const isUrl = isUrlAttribute(name, element) && (kind === HoleKind.attribute || kind === HoleKind.property);
    const joined = parts.some((part) => part !== '') || parts.length > 2 ? parts : undefined;
    holes.push({ kind, name, path, value, parts: joined, element, namespace, isUrl, ...(taken && { taken }) });
    value += parts.length - 1;
  };

  const readAttributes = (element: Element, path: readonly number[]): void => {
    // a form's own members may be hidden by its controls' names
    const attributes = [...read<NamedNodeMap>(element, 'attributes')];
    const localName = read<string>(element, 'localName');
    const taken = attributes.map(({ name }) => name.replace(/^[?.]/, ''));
    const type = getAttribute.call(element, 'type') ?? '';
    for (const { name: lower, value: text } of attributes) {
      const parts = text.split(hole);
      if (parts.length < 2) continue;
      // the parser has made the name lower case
      const name = /([^\s"'<>/=]+)\s*=\s*(?:"[^"]*|'[^']*|[^\s"'=<>]*)$/.exec(strings[value] as string)?.[1] ?? lower;
      removeAttribute.call(element, lower);
      if (name === '...') {
        if (parts.length > 2 || parts.join('') || /^(script|animate|set)$/.test(localName)) refuse(strings);
        add(HoleKind.spread, '', path, parts, localName, taken);
        continue;
      }
      const kind = kinds[name.charAt(0)];
      const bare = kind ? name.slice(1) : name;
      if (kind !== HoleKind.event && refusedName(bare)) refuse(strings);
      const state = /^[.@]/.test(name) ? undefined : stateKindOf(localName, type, lower.replace('?', ''));
      add(state ?? kind ?? HoleKind.attribute, state ? lower.replace('?', '') : bare, path, parts, localName);
    }
  };

  const walk = (parent: Node, path: readonly number[]): void => {
    const isRoot = parent === content;
    const childNodes = read<NodeListOf<ChildNode>>(parent, 'childNodes');
    for (let index = 0; index < childNodes.length; index++) {
      const node = childNodes[index] as ChildNode;
      if (node instanceof Comment) {
        node.data = '';
        if (!isRoot && childNodes.length === 1) {
          node.remove();
          add(HoleKind.only, '', path, ['', '']);
          // its text is state of a control, wherever the template says whether it is one
          if (isEditable(parent) || holes.some((each) => each.path === path && each.name === 'contenteditable'))
            Object.assign(holes.at(-1) as Hole, { isEditable: true });
        } else {
          // where the content starts, if nothing else says it
          const before = node.previousSibling;
          if (before ? before instanceof Text : isRoot) {
            node.before(new Comment());
            index++;
          }
          add(HoleKind.child, '', [...path, index], ['', '']);
        }
      } else if (node instanceof Element) {
        const at = [...path, index];
        readAttributes(node, at);
        const parts = read<string>(node, 'textContent').split(hole);
        if (
          parts.length > 1 &&
          !read(node, 'firstElementChild') &&
          read(node, 'namespaceURI') === document.body.namespaceURI
        ) {
          node.replaceChildren();
          add(HoleKind.text, node.localName, at, parts);
        } else walk(node, at);
      } else if ((node as Text).data.includes(hole)) {
        // a <title> of SVG, which can hold anything
        const element = parent as Element;
        element.innerHTML = trusted(element.innerHTML.replaceAll(hole, mark));
        index = -1;
      } else if (isRoot) {
        // others replace texts, as translators do: an instance neither starts nor ends with one
        if (!node.previousSibling) {
          node.before(new Comment());
          index++;
        }
        // nor would it merge with the text of the next one
        if (!node.nextSibling) {
          node.after(new Comment());
          index++;
        }
      }
    }
  };

  walk(content, []);
  if (!content.firstChild) content.append(new Comment()); // an instance without nodes would have no place
  if (value !== strings.length - 1) refuse(strings);
  return {
    strings,
    namespace,
    isDocument: false,
    markup: '',
    holes,
    content,
  } as Partial<BrowserDefinition> as BrowserDefinition;
}

function mark(text: string): string {
  if (text === hole) return `<!--${hole}-->`;
  // `<br title=${x}/>`: the slash ends the tag, it is no part of the value
  return text.startsWith('<!--') ? '' : text.replace(`${hole}/>`, `${hole} />`);
}

function refuse(strings: readonly string[]): never {
  throw new IsletError('ISLET_ERR_TEMPLATE', strings.join('${}'));
}
