/*
 * Keeps what a person is typing: a value from the server that is older than the newest typing in the focused field
 * does not overwrite it. Input: events of fields and the numbers of the island's events. Output: whether a property
 * may be set now; what had to wait is set when the server has seen all typing, or the field is left.
 */

interface Field {
  /** Number of the event that reported the newest typing; infinite while it is not reported. */
  event: number;
  waiting: { readonly name: string; readonly value: unknown } | undefined;
}

export class Fields {
  readonly #fields = new Map<Node, Field>();

  /** Something was typed in a field, or anything else happened at an element. */
  touch(node: Node): void {
    if (!isTyping(node)) return;
    const field = this.#fields.get(node);
    if (field) field.event = Number.POSITIVE_INFINITY;
    else {
      this.#fields.set(node, { event: Number.POSITIVE_INFINITY, waiting: undefined });
      node.addEventListener('blur', () => this.#release(node), { once: true });
    }
  }

  /** The typing is reported by the event of this number. */
  report(node: Node, event: number): void {
    const field = this.#fields.get(node);
    if (field) field.event = event;
  }

  /** The server has applied all events up to this number; the patch that says so is applied next. */
  settle(event: number): void {
    for (const [node, field] of this.#fields) if (field.event <= event) this.#release(node);
  }

  mayset(node: Node, name: string, value: unknown): boolean {
    const field = this.#fields.get(node);
    if (field) field.waiting = { name, value };
    return !field;
  }

  #release(node: Node): void {
    const waiting = this.#fields.get(node)?.waiting;
    this.#fields.delete(node);
    if (waiting) (node as unknown as Record<string, unknown>)[waiting.name] = waiting.value;
  }
}

function isTyping(node: Node): boolean {
  return (node.getRootNode() as Document | ShadowRoot).activeElement === node && 'value' in node;
}
