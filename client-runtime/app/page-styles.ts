/*
 * Style sheets of shadow roots: CSS of their own, or copies of the page's sheets, which follow the page.
 * Input: the `styles` of a component. Output: the root's adopted style sheets, each made once per document.
 * A sheet of another origin can be read only if its `<link>` has `crossorigin` and its server allows that.
 */

interface PageStyles {
  readonly roots: Map<ShadowRoot, readonly string[]>;
  /** By the sheets of the page, and by texts. */
  copies: Map<CSSStyleSheet | string, CSSStyleSheet[]>;
}

const pages = new WeakMap<Document, PageStyles>();

/** Gives a shadow root its styles, and returns the function that ends following the page. */
export function adoptStyles(root: ShadowRoot, styles: readonly string[]): () => void {
  const { ownerDocument } = root;
  const page = pages.get(ownerDocument) ?? follow(ownerDocument);
  page.roots.set(root, styles);
  setStyles(root, styles, page);
  return () => void page.roots.delete(root);
}

function follow(owner: Document): PageStyles {
  const page: PageStyles = { roots: new Map(), copies: new Map() };
  const refresh = (): void => {
    page.copies = new Map();
    for (const [root, styles] of page.roots) if (styles.includes('page')) setStyles(root, styles, page);
  };
  pages.set(owner, page);
  new MutationObserver(refresh).observe(owner.head, {
    attributes: true,
    characterData: true,
    childList: true,
    subtree: true,
  });
  // of a link, the sheet comes later
  owner.head.addEventListener('load', refresh, true);
  return page;
}

function setStyles(root: ShadowRoot, styles: readonly string[], { copies }: PageStyles): void {
  const { ownerDocument } = root;
  const copy = (source: CSSStyleSheet | string): CSSStyleSheet[] => {
    const sheets = copies.get(source) ?? toSheets(source, ownerDocument);
    copies.set(source, sheets);
    return sheets;
  };
  root.adoptedStyleSheets = styles.flatMap((css) =>
    css === 'page' ? [...[...ownerDocument.styleSheets].flatMap(copy), ...ownerDocument.adoptedStyleSheets] : copy(css),
  );
}

/** Gives no sheet for one that cannot be read. Of sheets that one imports, each becomes a sheet of its own. */
function toSheets(source: CSSStyleSheet | string, owner: Document): CSSStyleSheet[] {
  // a sheet belongs to the document of the window that made it
  const { CSSStyleSheet: Sheet } = owner.defaultView as Window & typeof globalThis;
  if (typeof source === 'string') {
    const sheet = new Sheet();
    sheet.replaceSync(source);
    return [sheet];
  }
  try {
    const { cssRules, href, media, disabled } = source;
    const sheet = new Sheet({ media: media.mediaText, disabled });
    const rules = [...cssRules];
    // a copy has the page's address and not that of its source (Chromium knows no `baseURL`)
    const resolve = (text: string, url: string): string =>
      href && URL.canParse(url, href) ? `url("${new URL(url, href)}")` : text;
    sheet.replaceSync(rules.map(({ cssText }) => cssText.replace(/url\("(?!#)([^"]*)"\)/g, resolve)).join('\n'));
    const imported = rules.flatMap((rule) =>
      'styleSheet' in rule ? toSheets(rule.styleSheet as CSSStyleSheet, owner) : [],
    );
    return [...imported, sheet];
  } catch {
    return [];
  }
}
