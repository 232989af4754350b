// An island in a browser test: a view rendered by the shared core, as the server does it, and its DOM, as the element
// does it. Patches go through text, as over the wire.

import { adopt } from '../../client-runtime/dom/adopt.ts';
import { createDomTree, type DomOwner, type DomTree } from '../../client-runtime/dom/dom-tree.ts';
import { createFields, type Fields } from '../../client-runtime/dom/fields.ts';
import { compile } from '../../client-runtime/dom/html-parser.ts';
import '../../client-runtime/dom/load-parts.ts';
import { repair, special } from '../../client-runtime/dom/parts.ts';
import { encodeShape, rows, TemplateTable } from '../../shared/tree/encode.ts';
import { renderContent } from '../../shared/tree/html.ts';
import { Rendering } from '../../shared/tree/rendering.ts';
import { withKey } from '../../shared/tree/row-key.ts';

// what puts right what others have done is there in a page in which somebody has done something
await repair.load();
await special.load();
rows.withKey = withKey;

/** What happened at a hole: its event's type, with the instance and the hole. */
export type Heard = readonly [type: string, instance: number, hole: number];

export class BrowserIsland implements DomOwner {
  readonly root: HTMLElement;
  readonly tree: DomTree;
  rendering = new Rendering(compile, new TemplateTable());
  readonly fields: Fields;
  readonly heard: Heard[] = [];
  /** Fields that properties are kept from. */
  readonly busy = new Set<Node>();

  private constructor(views: readonly unknown[], root: HTMLElement) {
    this.root = root;
    this.fields = createFields(root);
    this.tree = createDomTree(root, null, this);
    for (const view of views) this.rendering.render(view);
    this.tree.define(0, ...(through(this.rendering.table.encode()) as never[]));
  }

  /** Instances that others have changed so that they have to be made anew. */
  readonly misfits: number[] = [];

  /** It was adopted as it stood: nobody had put anything in. */
  isIntact = false;

  /** Draws the last of some views. Instances that the earlier ones made keep their ids. */
  static mount(...views: readonly unknown[]): BrowserIsland {
    const island = new BrowserIsland(views, document.createElement('main'));
    const { rendering, tree } = island;
    tree.mount(through(rendering.toMount()) as never, rendering.toIds(), rendering.nextId);
    return island;
  }

  /** Adopts the last of some views as the server would have rendered it; `look` sees its DOM before. */
  static adopt(views: readonly unknown[], look: (root: HTMLElement) => void = () => {}): BrowserIsland {
    const island = new BrowserIsland(views, document.createElement('main'));
    const { root, rendering, tree } = island;
    root.innerHTML = renderContent(rendering.content);
    look(root);
    const shape = through(encodeShape(rendering.content, rendering.table)) as never;
    const adoption = { shape, ids: rendering.toIds(), nextId: rendering.nextId };
    const misfits = new Set<number>();
    try {
      adopt(tree, adoption);
      island.isIntact = true;
    } catch {
      adopt(tree, adoption, tree.repair?.cursor(misfits));
    }
    island.misfits.push(...misfits);
    return island;
  }

  /** Brings to what they should be the instances that others have changed, as an island does. */
  recover(): this {
    const { rendering, tree, misfits } = this;
    for (let id = misfits.shift(); id !== undefined; id = misfits.shift()) {
      const part = rendering.toPart(id);
      try {
        if (part) tree.repair?.replace(id, through(part.content) as never, part.ids, part.nextId);
        else tree.repair?.mount(through(rendering.toMount()) as never, rendering.toIds(), rendering.nextId, 'ids');
      } catch (error) {
        if (id === 0) throw error;
        misfits.push(tree.holderOf(id));
      }
    }
    return this;
  }

  /** Goes on to the next view by its patch. */
  update(view: unknown): this {
    this.tree.apply(through(this.rendering.render(view)) as never);
    return this;
  }

  /** Goes on with what another server's actor shows. */
  become(view: unknown): this {
    const { tree, fields } = this;
    const rendering = new Rendering(compile, new TemplateTable());
    rendering.render(view);
    fields.hold();
    tree.define(0, ...(through(rendering.table.encode()) as never[]));
    tree.repair?.mount(through(rendering.toMount()) as never, rendering.toIds(), rendering.nextId, 'looks');
    fields.release(true)();
    this.rendering = rendering;
    return this;
  }

  onEvent(instance: number, hole: number, { type }: Event): void {
    this.heard.push([type, instance, hole]);
  }

  onTaken(): void {}

  onTorn(): void {}

  onMisfit(instance: number): void {
    this.misfits.push(instance);
  }

  onProperty(node: Node, name: string, value: unknown): boolean {
    return !this.busy.has(node) && !this.fields.set(node, name, value);
  }
}

/** Nodes as data: what serializing would lose (two texts side by side, a newline behind <pre>) is seen too. */
export function describeNodes(parent: ParentNode & Node): unknown[] {
  return Array.from(parent.childNodes, (node) => {
    if (!(node instanceof Element)) return [node.nodeName, node.nodeValue];
    const attributes = Array.from(node.attributes, ({ name, value }) => `${name}=${value}`).sort();
    // where scripts run, a page has its content as text, a template as nodes
    if (node.localName === 'noscript') return [node.nodeName, node.innerHTML];
    const inside = node instanceof HTMLTemplateElement ? node.content : node;
    return [node.nodeName, node.namespaceURI, attributes, describeNodes(inside)];
  });
}

/** All nodes below a node, in document order. */
export function nodesBelow(root: Node): Node[] {
  return Array.from(root.childNodes).flatMap((node) => [node, ...nodesBelow(node)]);
}

function through(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
