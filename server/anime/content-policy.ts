/*
 * What the app's pages may load and run, as their Content-Security-Policy says it. Nothing on them is inline, and
 * nothing comes from elsewhere.
 */

/** Of a page with a script that makes markup of text by itself, as the library of the admin page's search does. */
export const policy =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; manifest-src 'self'; " +
  "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/** Of all others: no script but the element's and the app's bundle makes markup of text, by a policy of their own. */
export const strictPolicy = `${policy}; require-trusted-types-for 'script'; trusted-types islet`;
