/*
 * Has the browser take markup of templates where a page's Content-Security-Policy says
 * `require-trusted-types-for 'script'`: by a policy of its own, `islet`, one for all bundles of a page. Input: markup
 * that a compiler or a server made.
 */

interface Policy {
  createHTML(markup: string): string;
}

declare global {
  interface Window {
    readonly trustedTypes?: { createPolicy(name: string, rules: Policy): Policy };
  }
}

// not by a name, which an element's id would shadow
const key = Symbol.for('islet');
const policies = globalThis as { [key: symbol]: Policy | undefined };

/** Gives markup as what `innerHTML` takes. */
export function trusted(markup: string): string {
  try {
    policies[key] ??= window.trustedTypes?.createPolicy('islet', { createHTML: (text) => text });
  } catch {
    // the browser says in the console which name its policy does not allow; perhaps the page has a default policy
  }
  return policies[key]?.createHTML(markup) ?? markup;
}
