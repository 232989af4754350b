/*
 * Loads the scripts of client components that a page shows only later: by a patch, or by a component of the browser.
 * Those that it shows at first come with it. Input: which file has which component (`islet build` says it), and
 * content that the page has parsed. Output: scripts, each loaded once.
 */

/** Files by the name of their element, relative to the script that this is part of. */
export type ComponentFiles = { readonly [name: string]: string };

interface Loader {
  files: ComponentFiles;
  readonly loaded: Map<string, string>;
  /** Every file that was ever loaded, each time it was. */
  readonly all: string[];
}

const key = Symbol.for('islet.components');
const page = globalThis as { [key]?: Loader };

/**
 * Called again, as development does, it loads others for those that were loaded and have changed.
 *
 * @param load Is given a name of its own for a file that was loaded before: an edit was undone, and a browser runs a module of
 * the same address once.
 */
export function loadComponents(files: ComponentFiles, load: (file: string) => unknown): void {
  const before = page[key];
  if (before) {
    before.files = files;
    for (const [name, file] of before.loaded) if (files[name] !== file) take(before, name, load);
    return;
  }
  const loader: Loader = { files, loaded: new Map(), all: [] };
  page[key] = loader;
  addEventListener('islet:content', (event) => {
    const { detail } = event as CustomEvent<ParentNode>;
    // in a template nothing is defined
    for (const { localName } of detail.querySelectorAll(':not(:defined)')) take(loader, localName, load);
  });
}

function take({ files, loaded, all }: Loader, name: string, load: (file: string) => unknown): void {
  const file = files[name];
  if (file === undefined || loaded.get(name) === file) return;
  loaded.set(name, file);
  void load(all.includes(file) ? `${file}?again=${all.length}` : file);
  all.push(file);
}
