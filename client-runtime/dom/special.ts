/*
 * Controls and listeners that few templates have. It is a script of its own, loaded before the first of them is shown
 * (`parts.ts`); nothing here shares a class or a variable with the script that loads it. Output: what differs from the
 * usual ones.
 */

import { autofocusIn } from './autofocus.ts';
import { isEditable, isEditedAt, isNotOurs, setEdited } from './edited.ts';
import { tellOfImages } from './images.ts';
import { move } from './move.ts';
import { laters as own } from './parts.ts';
import { isFinal, kindOf } from './special-controls.ts';
import { describeFiles, hearSpecial, isForDialog, readMore, specialTargetOf } from './special-events.ts';
import { sayStates, spread } from './spread.ts';

export const part = {
  autofocusIn,
  describeFiles,
  hearSpecial,
  isEditable,
  isEditedAt,
  isFinal,
  isForDialog,
  isNotOurs,
  kindOf,
  move,
  readMore,
  sayStates,
  setEdited,
  specialTargetOf,
  spread,
  tellOfImages,
};

/** Those that this script has for itself. */
export const laters = own;
