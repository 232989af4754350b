/*
 * Controls and listeners that few templates have. It is a script of its own, loaded before the first of them is shown
 * (`parts.ts`); nothing here shares a class or a variable with the script that loads it. Output: what differs from the
 * usual ones.
 */

export { autofocusIn } from './autofocus.ts';
export { isEditable, isEditedAt, isNotOurs, setEdited } from './edited.ts';
export { tellOfImages } from './images.ts';
export { move } from './move.ts';
export { isFinal, kindOf } from './special-controls.ts';
export { describeFiles, hearSpecial, isForDialog, readMore, specialTargetOf } from './special-events.ts';
export { sayStates, spread } from './spread.ts';
