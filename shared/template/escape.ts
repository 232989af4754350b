/*
 * Escaping by construction: every dynamic character of the HTML goes through one of these functions.
 * Input: values of holes as text. Output: text that is safe at its place in HTML.
 */

const textSpecial = /[&<>\r\0]/;
const textSpecials = /[&<>\r\0]/g;
const attributeSpecial = /[&<>"\r\0]/;
const attributeSpecials = /[&<>"\r\0]/g;

// A parser turns a bare CR into LF and drops or replaces NUL, so that the page would differ from what was rendered:
// CR is written as a reference; NUL has no representation in HTML at all.
const references: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#13;',
  '\0': '\ufffd',
};

const toReference = (character: string): string => references[character] ?? character;

/** Escapes text for an element's content. */
export function escapeText(text: string): string {
  return textSpecial.test(text) ? text.replace(textSpecials, toReference) : text;
}

/** Escapes text for a double-quoted attribute value. */
export function escapeAttribute(text: string): string {
  return attributeSpecial.test(text) ? text.replace(attributeSpecials, toReference) : text;
}

/** Serializes a value for a `<script type="application/json">`; no data can end the element. */
export function scriptJson(value: unknown): string {
  return (JSON.stringify(value) ?? 'null').replace(/</g, '\\u003c');
}

/**
 * Keeps dynamic text from ending a `<style>` element, or looking like any other tag; `a < b` stays as it is.
 * HTML has no way to write these characters there, so that the DOM gets this text too.
 */
export function escapeStyle(text: string): string {
  return text.replace(/<(?=[/!a-z])/gi, '\\3c ').replace(/\r\n?/g, '\n');
}

const urlAttributes = new Set(['href', 'src', 'action', 'formaction', 'xlink:href', 'poster', 'background']);

/** Tells whether an attribute or property of an element holds a URL that a browser may run as code. */
export function isUrlAttribute(name: string, element: string): boolean {
  const lower = name.toLowerCase();
  return urlAttributes.has(lower) || (lower === 'data' && element === 'object');
}

/** Tells whether a URL that starts so may turn out to run code, depending on what follows. */
export function canStartScriptUrl(start: string): boolean {
  const scheme = start
    .replace(/^[\0- ]+/, '')
    .replace(/[\t\n\r]/g, '')
    .toLowerCase();
  return scheme.startsWith('javascript:') || 'javascript:'.startsWith(scheme);
}

/**
 * Tells whether a URL would run code. Browsers skip leading control characters and spaces, and tabs and newlines
 * anywhere, before they read the scheme.
 */
export function isScriptUrl(url: string): boolean {
  return /^[\0- ]*j[\t\n\r]*a[\t\n\r]*v[\t\n\r]*a[\t\n\r]*s[\t\n\r]*c[\t\n\r]*r[\t\n\r]*i[\t\n\r]*p[\t\n\r]*t[\t\n\r]*:/i.test(
    url,
  );
}
