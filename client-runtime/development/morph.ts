/*
 * Brings an open page to what the server would send for it now, and leaves alone what did not change: nodes, what was
 * typed, focus. Input: the page, and the document that was fetched. Output: changed DOM. What is inside of islands and
 * of custom elements is theirs.
 */

import { trustedAddress, trustedScript } from './trusted.ts';

/** Addresses that were loaded here before: a browser runs a module of the same address once. */
const before = new Set<string>();
/** The address that the server gave a script, which is asked for under another one. */
const given = new WeakMap<Element, string>();
/** Scripts that were put in here; and those of them that did not come, as often as they are tried again. */
const broughtIn = new WeakSet<Element>();
const lost = new Map<string, number>();
const maxLosses = 3;
let count = 0;

/** Marks scripts that were put in here: what a page does about its own that did not come does not concern them. */
const late = 'data-islet-late';

/** Elements by which scripts and style sheets are told apart; what others have put into the page stays. */
const loaded = 'script[src],link[rel~=stylesheet]';

/** Brings `live` to `wanted`: attributes and children. */
export function morph(live: Element, wanted: Element): void {
  setAttributes(live, wanted);
  if (isOfItsOwn(live) || isOfItsOwn(wanted)) return;
  let next = live.firstChild;
  for (const node of [...wanted.childNodes]) {
    const found = findLike(next, node);
    if (found === undefined) {
      live.insertBefore(toLive(node), next);
      continue;
    }
    if (found === next) next = found.nextSibling;
    else move(live, found, next);
    if (found instanceof Element) update(found, node as Element);
    else if (found.nodeValue !== node.nodeValue) found.nodeValue = node.nodeValue;
  }
  while (next) {
    const { nextSibling } = next;
    if (!isOthers(next)) next.remove();
    next = nextSibling;
  }
}

/** A script did not come. Returns whether the next morph tries it again: it was put in here, and its server has gone. */
export function lose(script: Element): boolean {
  const address = given.get(script) ?? sourceOf(script);
  const losses = (lost.get(address) ?? 0) + 1;
  if (!broughtIn.has(script) || losses > maxLosses) return false;
  lost.set(address, losses);
  before.add(address);
  given.set(script, '');
  return true;
}

/** Whether a script that is in the page did not come. */
export function hasLost(): boolean {
  return [...document.scripts].some((script) => given.get(script) === '');
}

/** Finds among what follows a node of which another one is the new version. */
function findLike(from: ChildNode | null, wanted: Node): ChildNode | undefined {
  const key = keyOf(wanted);
  for (let node = from; node; node = node.nextSibling) {
    if (keyOf(node) === key) return node;
    // texts have no names: one that is not the next is another
    if (!(wanted instanceof Element) && node instanceof Element) return undefined;
  }
  return undefined;
}

function keyOf(node: Node): string {
  if (!(node instanceof Element)) return node.nodeName;
  const address = node.matches(loaded) ? addressOf(node) : '';
  const names = ['id', 'route', 'name', 'for', 'action'].map((name) => node.getAttribute(name) ?? '');
  return `${node.localName} ${names.join(' ')} ${address}`;
}

/** The address of a script or a style sheet, without what says which version it is. */
function addressOf(element: Element): string {
  return sourceOf(element)
    .replace(/\?.*$/, '')
    .replace(/-[\dA-Za-z]{8,10}(\.\w+)$/, '$1');
}

function sourceOf(element: Element): string {
  return element.getAttribute('src') ?? element.getAttribute('href') ?? '';
}

function update(live: Element, wanted: Element): void {
  if (!live.matches(loaded)) {
    morph(live, wanted);
    return;
  }
  const [from, to] = [given.get(live) ?? sourceOf(live), sourceOf(wanted)];
  // the script of development itself goes on
  if (from === to || live.hasAttribute('data-islet-page')) return;
  before.add(from);
  const made = toLive(wanted) as Element;
  const old = live;
  // until a style sheet is there the old one counts: the page is never without
  if (made.localName === 'link') for (const type of ['load', 'error']) made.addEventListener(type, () => old.remove());
  // an edit that was undone
  if (made.localName === 'script' && before.has(to)) {
    given.set(made, to);
    made.setAttribute('src', trustedAddress(`${to}?again=${++count}`));
  }
  live.after(made);
  if (made.localName === 'script') live.remove();
}

/** A node of the fetched document as one of the page; a script as one that runs. */
function toLive(node: Node): Node {
  const made = document.importNode(node, true);
  if (!(made instanceof Element)) return made;
  const scripts = made.localName === 'script' ? [made] : [...made.querySelectorAll('script')];
  for (const script of scripts) {
    const fresh = document.createElement('script');
    for (const { name, value } of script.attributes)
      fresh.setAttribute(name, name === 'src' ? trustedAddress(value) : value);
    fresh.textContent = trustedScript(script.textContent);
    fresh.toggleAttribute(late, true);
    broughtIn.add(fresh);
    if (script === made) return fresh;
    script.replaceWith(fresh);
  }
  return made;
}

/** Moves without a loss of focus or of an island, where the browser can. */
function move(parent: Element, node: ChildNode, before: ChildNode | null): void {
  const mover = parent as Element & { moveBefore?(node: Node, before: Node | null): void };
  if (mover.moveBefore) mover.moveBefore(node, before);
  else parent.insertBefore(node, before);
}

/** What a person or a script has opened, or an island says of itself, stays. */
const kept = /^(open|style|data-pending|data-failed)$/;

function setAttributes(live: Element, wanted: Element): void {
  for (const { name, value } of wanted.attributes) {
    if (live.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  if (live === document.documentElement || live === document.body) return;
  for (const name of live.getAttributeNames()) {
    if (!wanted.hasAttribute(name) && !kept.test(name)) live.removeAttribute(name);
  }
}

/** An island, an app, or an element of somebody's own: it sees to its content itself. */
function isOfItsOwn(element: Element): boolean {
  const { localName } = element;
  return localName.includes('-') || element.querySelector(':scope > script[data-islet]') !== null;
}

/** Whether a node is none that a server has sent: an overlay, a style that a script has made. */
function isOthers(node: Node): boolean {
  return node instanceof Element && /^(islet-problem|style)$/.test(node.localName);
}
