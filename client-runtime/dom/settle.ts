/*
 * Brings adopted DOM to what its component shows. Input: the tree that `adopt` made over server-rendered DOM, and the
 * component's first rendering. Output: operations for the holes where the two differ. They do if the page was not
 * rendered from the same props, if a view depends on the clock or the time zone, or if somebody else was faster.
 */

import { isContent } from '../../shared/template/definition.ts';
import * as HoleKind from '../../shared/template/hole-kind.ts';
import { isShared } from '../../shared/wire/adoption.ts';
import { slotsOf, type WireContent, type WireInstance } from '../../shared/wire/content.ts';
import type { BrowserHole } from '../../shared/wire/definition.ts';
import { type SetHole, setHole } from '../../shared/wire/patch.ts';
import { hasAll } from './attribute-parts.ts';
import { checks } from './checks.ts';
import type { DomContent, DomInstance, DomTree } from './dom-tree.ts';
import { getAttribute, hasAttribute } from './native.ts';
import { DomList } from './places.ts';

/**
 * How a browser writes a style that a script has set: `adopt` does where a Content-Security-Policy keeps HTML from it.
 */
function written(style: unknown): string | null {
  const element = document.createElement('i');
  element.style.cssText = (style ?? '') as string;
  return element.getAttribute('style');
}

/** Finds what differs. Properties, listeners and attributes of objects are not looked at: `adopt` has set them. */
export function findDifferences(tree: DomTree, wire: WireContent): SetHole[] {
  const operations: SetHole[] = [];

  const compareHole = (instance: DomInstance, hole: number, wanted: unknown): void => {
    const { kind, name } = instance.template.holes[hole] as BrowserHole;
    const node = instance.nodes[hole] as Element;
    if (isContent(kind)) compareContent(instance, hole, instance.slots[hole] as DomContent, wanted as WireContent);
    else if (kind !== HoleKind.property && kind !== HoleKind.event && kind !== HoleKind.spread) {
      const found =
        kind === HoleKind.attribute
          ? getAttribute.call(node, name)
          : kind === HoleKind.boolean
            ? hasAttribute.call(node, name)
            : node.textContent;
      // what is opened or closed already is so because somebody wanted it
      if (found === wanted || (name === 'style' && found === written(wanted)) || name === 'open' || name === 'script')
        return;
      if (isShared(name) && kind === HoleKind.attribute) {
        // others may have added to it before the script ran; where any of ours is missing all of it counts as ours
        if (wanted && hasAll(node, name, wanted as string)) return;
        instance.slots[hole] = found as string;
      }
      checks.mismatch?.(node, found, wanted, kind === HoleKind.text ? '' : name);
      operations.push(setHole(instance.id, hole, wanted));
    }
  };

  const compareContent = (instance: DomInstance, hole: number, found: DomContent, wanted: WireContent): void => {
    if (found instanceof Text) {
      if (found.data === String(wanted)) return;
      checks.mismatch?.(found, found.data, wanted, '');
      operations.push(setHole(instance.id, hole, wanted));
    } else if (found instanceof DomList) {
      [...found].forEach((item, index) => {
        compareInstance(item, (wanted as WireInstance[])[index] as WireInstance);
      });
    } else if (found && 'template' in found) compareInstance(found, wanted as WireInstance);
  };

  const compareInstance = (instance: DomInstance, wire: WireInstance): void => {
    const slots = slotsOf(wire);
    instance.template.holes.forEach((_, hole) => {
      compareHole(instance, hole, slots[hole]);
    });
  };

  compareHole(tree.instances.get(0) as DomInstance, 0, wire);
  return operations;
}
