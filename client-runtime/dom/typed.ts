/*
 * What a person filled in before the script ran, or that nobody has taken note of. Input: an island's root. Output: fields
 * that no longer hold what the server wrote into them.
 */

import { type Field, isBox, pathOf } from './controls.ts';

/** Fields of an island that a person, or the browser on their behalf, has filled in. */
export function findTyped(root: ParentNode & Node): Field[] {
  return [...root.querySelectorAll<Field>('input,textarea,select')].filter(
    (field) => isChanged(field) && isOwn(field, root),
  );
}

function isChanged(field: Field): boolean {
  const { options } = field;
  if (!options) return isBox(field) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue;
  const all = [...options];
  // where the page selects none, the browser has selected the first
  const first =
    all.some(({ defaultSelected }) => defaultSelected) || field.multiple
      ? undefined
      : all.find(({ disabled }) => !disabled);
  return all.some((option) => option.selected !== (option.defaultSelected || option === first));
}

/** Whether no element inside the island draws the field: that one looks after it. */
function isOwn(field: Element, root: Node): boolean {
  return !pathOf(field, root).some((node) => node !== root && `${node.nodeName}`.includes('-'));
}
