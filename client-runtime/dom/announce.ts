/*
 * Tells the page of content that may be shown: `components.ts` loads the scripts of custom elements in it.
 */

export function announce(content: ParentNode): void {
  dispatchEvent(new CustomEvent('islet:content', { detail: content }));
}
