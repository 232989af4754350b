/*
 * Custom elements that no script of the page defines: they look like nothing and do nothing, and a browser is silent
 * about them. Input: the page, when its scripts have run and now and then after. Output: a warning for each name.
 */

const firstLookMs = 2_000;
const lookMs = 1_000;

/** Starts to look for them. A script that comes late may still define some: names are given one look to be defined in. */
export function watchElements(): void {
  const said = new Set<string>();
  let suspects = new Set<string>();
  const look = (): void => {
    const names = new Set(Array.from(document.querySelectorAll(':not(:defined)'), ({ localName }) => localName));
    for (const name of names) {
      if (said.has(name) || !suspects.has(name)) continue;
      said.add(name);
      console.warn(`islet: no script of this page defines <${name}>: ${adviceFor(name)}`);
    }
    suspects = names;
    setTimeout(look, lookMs);
  };
  const start = (): void => void setTimeout(look, firstLookMs);
  if (document.readyState === 'complete') start();
  else addEventListener('load', start, { once: true });
}

function adviceFor(name: string): string {
  return name === 'server-component'
    ? 'element.js does; is it loaded?'
    : 'is its name spelt so, and does the page load the script that registers it?';
}
