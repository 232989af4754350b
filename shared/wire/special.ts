/*
 * Which templates and listeners are special: the element loads what knows them (`client-runtime/dom/special.ts`) before
 * it shows any. Input: a frame, or what stands behind server-rendered HTML, as text. Output: whether it has any; where
 * somebody has only written the same words, it is loaded in vain.
 */

/*
 * In this order: objects of attributes; markup that is inserted as it is; events other than these four; options of
 * listeners but for those that say what is done, when, and with which fields; elements; attributes, whether the template or a hole says
 * them.
 */
const signs =
  /\[7,"|\["raw",|\[5,"(?!(click|submit|input|change)")|\[[012],\{(?!("([pnsbt]":\d+|f":\[("[^"\\]*",?)*\]),?)+\})|(<|003c)(details|dialog|[a-z]+-)|contenteditable|autofocus|data-islet-own|type=\W*(radio|range|file)|select\b[^>]*\bmultiple|method=\W*dialog|\[\d,"(type|selected|multiple)"/i;

export function isSpecial(text: string): boolean {
  return signs.test(text);
}
