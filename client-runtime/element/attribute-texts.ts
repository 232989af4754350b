/*
 * The attributes of an element that count for its component. Input: the element, and the names that the server has
 * said. Output: texts for a join, and those that have changed since.
 */

import type { AttributeTexts } from '../../shared/wire/frames.ts';

export interface ElementAttributes {
  /** Names of those that count, if that is known; each component has its own. */
  names: readonly string[] | undefined;
  /** Those that count; null while nobody can tell which do. @param takes Whether there is room for these. */
  read(takes: (texts: AttributeTexts) => boolean): AttributeTexts | null;
  /** Gives those that have changed since. */
  takeChanged(): string[];
  watch(): void;
  ignore(): void;
}

/**
 * @param onChange Some have changed.
 * @param onMove Another component is to be shown, or from somewhere else.
 */
export function watchAttributes(element: Element, onChange: () => void, onMove: () => void): ElementAttributes {
  const changed = new Set<string>();

  const counts = (name: string): boolean =>
    attributes.names?.includes(name) ?? !/^(route|socket|class|style|id|data-pending)$/.test(name);

  const observer = new MutationObserver((records) => {
    const all = records.map(({ attributeName }) => attributeName as string);
    if (all.some((name) => /^(route|socket)$/.test(name))) {
      attributes.names = undefined;
      onMove();
      return;
    }
    for (const name of all) if (counts(name)) changed.add(name);
    onChange();
  });

  const attributes: ElementAttributes = {
    names: undefined,
    read(takes) {
      changed.clear();
      const present = element.getAttributeNames().filter(counts);
      let texts = {};
      for (const name of present) {
        const more = { ...texts, [name]: element.getAttribute(name) };
        if (takes(more)) texts = more;
        else console.warn('ISLET_ERR_FRAME_TOO_BIG', name);
      }
      return attributes.names || !present[0] ? texts : null;
    },
    takeChanged() {
      const names = [...changed];
      changed.clear();
      return names;
    },
    watch: () => observer.observe(element, { attributes: true }),
    ignore: () => observer.disconnect(),
  };
  return attributes;
}
