/*
 * How a key is named on the wire, so that a listener's keys and an event's are compared as texts. Input: a key as
 * `KeyboardEvent.key` has it, and which modifiers are held. Output: its name.
 */

export const modifiers = ['ctrlKey', 'altKey', 'shiftKey', 'metaKey'] as const;

/** A key with its modifiers, as the browser's event names them: `ctrlKey+shiftKey+s`, in an order of their own. */
export function nameKey(key: string, isHeld: (modifier: (typeof modifiers)[number]) => unknown): string {
  return [...modifiers.filter(isHeld), key.toLowerCase()].join('+');
}
