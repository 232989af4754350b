/*
 * `islet/client` as it is in development: the same, and it says what is wrong. Templates that a browser would read
 * otherwise than they are written are refused, and pages that are not what their component shows are reported, with
 * the place. Bundlers choose it by the condition `development` of the package's exports.
 */

import { startDevelopment } from '../../shared/development/development.ts';
import { checks } from './checks.ts';
import { compile } from './html-parser.ts';
import { read } from './native.ts';

checks.compile = compile;

// the overlay, which is a script of its own, hears it
checks.problem = (title, error) => {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  dispatchEvent(new CustomEvent('islet:problem', { detail: { title, facts: [], text } }));
};
startDevelopment((text) => console.warn(`islet: ${text}`));

checks.mismatch = (node, found, wanted, name) => {
  const what = name === '' ? '' : `${name}: `;
  warn(`at ${pathOf(node)} the page says ${what}${show(found)}, and the component ${show(wanted)}`);
};

checks.replaced = (root, found) => {
  const difference = findDifference(found, [...read<NodeList>(root, 'childNodes')]);
  warn(`${difference ?? 'the page has other marks'}; the content of ${pathOf(root)} was made anew`);
};

function warn(problem: string): void {
  console.warn(`islet: the page differs from what its component shows: ${problem}`);
}

/** Finds the first place where two lists of nodes differ in structure. */
function findDifference(found: readonly Node[], wanted: readonly Node[]): string | undefined {
  for (const [index, node] of wanted.entries()) {
    const other = found[index];
    if (!other) return `at ${pathOf(node)} the page has nothing`;
    if (other.nodeName !== node.nodeName) return `at ${pathOf(node)} the page has ${describe(other)}`;
    // what an element of a component holds is its own
    if (node.nodeName.includes('-')) continue;
    const inside = findDifference([...other.childNodes], [...node.childNodes]);
    if (inside) return inside;
  }
  const surplus = found[wanted.length];
  return (
    surplus &&
    `behind ${wanted.length > 0 ? pathOf(wanted.at(-1) as Node) : 'its start'} the page has ${describe(surplus)}`
  );
}

/** Where a node is, as a selector would say it: `main > ul > li:nth-child(2) > text`. */
function pathOf(node: Node): string {
  const steps: string[] = [];
  for (let at: Node | null = node; at && at !== document.body; at = at.parentNode) {
    if (at.parentNode) steps.unshift(stepOf(at));
  }
  return steps.join(' > ') || node.nodeName.toLowerCase();
}

function stepOf(node: Node): string {
  if (!(node instanceof Element)) return node.nodeName.replace('#', '');
  if (node.id) return `#${node.id}`;
  const siblings = [...(node.parentNode?.children ?? [])];
  const isOnly = siblings.filter(({ localName }) => localName === node.localName).length === 1;
  return isOnly ? node.localName : `${node.localName}:nth-child(${siblings.indexOf(node) + 1})`;
}

function describe(node: Node): string {
  if (node instanceof Element) return `<${node.localName}>`;
  return node instanceof Text ? `the text ${show(node.data.trim())}` : 'a comment';
}

function show(value: unknown): string {
  if (value === null) return 'nothing';
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}
