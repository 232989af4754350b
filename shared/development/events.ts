/*
 * The names of the events that browsers fire, to tell a misspelt one by. An event of one's own has a dash or a colon in
 * its name, or stands on a custom element.
 */

const names =
  'abort afterprint afterscriptexecute animationcancel animationend animationiteration animationstart auxclick ' +
  'beforeinput beforematch beforeprint beforetoggle beforeunload beforexrselect blur cancel canplay canplaythrough change ' +
  'click close command compositionend compositionstart compositionupdate contentvisibilityautostatechange contextlost ' +
  'contextmenu contextrestored copy cuechange cut dblclick drag dragend dragenter dragleave dragover dragstart drop ' +
  'durationchange emptied encrypted ended error focus focusin focusout formdata fullscreenchange fullscreenerror ' +
  'gesturechange gestureend gesturestart gotpointercapture hashchange input interest invalid keydown keypress keyup ' +
  'languagechange leavepictureinpicture load loadeddata loadedmetadata loadend loadstart loseinterest lostpointercapture ' +
  'message messageerror mousedown mouseenter mouseleave mousemove mouseout mouseover mouseup offline online ' +
  'enterpictureinpicture pagehide pagereveal pageshow pageswap paste pause play playing pointercancel pointerdown ' +
  'pointerenter pointerleave pointermove pointerout pointerover pointerrawupdate pointerup popstate progress ratechange ' +
  'readystatechange reset resize scroll scrollend scrollsnapchange scrollsnapchanging search securitypolicyviolation ' +
  'seeked seeking select selectionchange selectstart slotchange stalled storage submit suspend timeupdate toggle ' +
  'touchcancel touchend touchmove touchstart transitioncancel transitionend transitionrun transitionstart unload ' +
  'visibilitychange volumechange waiting waitingforkey wheel webkitfullscreenchange DOMContentLoaded beginEvent ' +
  'endEvent repeatEvent deviceorientation devicemotion orientationchange';

export const knownEvents: ReadonlySet<string> = new Set(names.split(' '));

/** The known name that is nearest to another one; undefined if none is near. */
export function nearest(name: string): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(name.length / 2));
  for (const known of knownEvents) {
    const distance = distanceOf(name.toLowerCase(), known.toLowerCase());
    if (distance < least) [best, least] = [known, distance];
  }
  return best;
}

/** How many letters have to be put in, taken out or replaced to make one word of another (Levenshtein). */
function distanceOf(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let at = 1; at <= left.length; at++) {
    const next = [at];
    for (let to = 1; to <= right.length; to++) {
      const replaced = (row[to - 1] as number) + (left[at - 1] === right[to - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[to] as number) + 1, (next[to - 1] as number) + 1));
    }
    row = next;
  }
  return row[right.length] as number;
}
