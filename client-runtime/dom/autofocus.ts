/*
 * Gives the focus to a field that appears with `autofocus`, once. Browsers do that while a page is loaded, and for a
 * dialog that opens; of what appears later a component would have to see to it. Input: new content. It takes the focus
 * from a button that was pressed, not from a field in which somebody types.
 */

let next: HTMLElement | null = null;

/** @param content Is in the page when what is going on has been done. */
export function autofocusIn(content: ParentNode): void {
  if (next) return;
  next = content.querySelector<HTMLElement>('[autofocus]');
  // whoever hears of the focus may cause events: they come after the patch
  if (next) queueMicrotask(focusNext);
}

function focusNext(): void {
  let active = document.activeElement;
  while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement;
  if (!active?.matches(':read-write,select')) next?.focus();
  next = null;
}
