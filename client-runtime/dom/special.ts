/*
 * Controls and listeners that few templates have. It is a script of its own, loaded before the first of them is shown
 * (`parts.ts`); what it shares with the script that loads it, it gets from that (`given.ts`). Output: what differs from
 * the usual ones.
 */

import { autofocusIn } from './autofocus.ts';
import { isEditable, isEditedAt, isNotOurs, setEdited } from './edited.ts';
import { tellOfImages } from './images.ts';
import { move } from './move.ts';
import { isFinal, kindOf } from './special-controls.ts';
import { describeFiles, hearSpecial, isForDialog, readMore, specialTargetOf } from './special-events.ts';
import { sayStates, spread, spreadOf } from './spread.ts';

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
  spreadOf,
  tellOfImages,
};
