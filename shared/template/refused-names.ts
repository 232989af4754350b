/*
 * Names that no attribute or property of a template may have, since a browser would run or parse their value.
 * Input: a name as it was written, or as an object says it. Output: what is wrong with it.
 */

/** Says why an attribute or property cannot have this name; undefined: it can. */
export function refusedName(name: string): string | undefined {
  if (/^on/i.test(name)) return `${name} would run its value as code: use @${name.slice(2)}`;
  if (/^(innerHTML|outerHTML|srcdoc)$/i.test(name)) {
    return `${name} would take its value as markup: use a child hole with unsafeHtml`;
  }
  if (/^(xlink|xml):/i.test(name)) {
    return `${name} is in a namespace of its own, which a patch cannot set: use ${name.split(':')[1]}`;
  }
  return undefined;
}
