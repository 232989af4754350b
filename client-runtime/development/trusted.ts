/*
 * Has the browser take a page's new markup and scripts where its Content-Security-Policy says
 * `require-trusted-types-for 'script'`. A page has one policy named `islet`, which the element and the app's bundles
 * look for under the same key (`client-runtime/dom/trusted.ts`): the one made here, before theirs, may do more. Input: what
 * the page's own server sent. Output: the same, as the browser wants it.
 */

interface Policy {
  createHTML(text: string): string;
  createScript?(text: string): string;
  createScriptURL?(text: string): string;
}

const same = (text: string): string => text;
const key = Symbol.for('islet');
const policies = globalThis as { [key: symbol]: Policy | undefined };
const factory = (globalThis as { trustedTypes?: { createPolicy(name: string, rules: Policy): Policy } }).trustedTypes;
try {
  policies[key] ??= factory?.createPolicy('islet', { createHTML: same, createScript: same, createScriptURL: same });
} catch {
  // the page does not allow the name; perhaps it has a default policy
}

export function trustedHtml(text: string): string {
  return policies[key]?.createHTML(text) ?? text;
}

export function trustedScript(text: string): string {
  return policies[key]?.createScript?.(text) ?? text;
}

export function trustedAddress(text: string): string {
  return policies[key]?.createScriptURL?.(text) ?? text;
}
