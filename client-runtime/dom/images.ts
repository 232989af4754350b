/*
 * Images that were loaded, or could not be, before anybody heard it. Part of `special.ts`. Output: their events, once.
 */

import { pathOf } from './controls.ts';
import { findAll } from './native.ts';
import { isRecorded } from './recorded.ts';

export function tellOfImages(root: Node): void {
  for (const image of findAll<HTMLImageElement>(root, 'img')) {
    const type = image.naturalWidth ? 'load' : 'error';
    if (!image.complete || !image.currentSrc || isRecorded(image, type)) continue;
    // what draws it tells of it
    if (pathOf(image, root).some((node) => node !== root && node.nodeName.includes('-'))) continue;
    let isTold = false;
    image.addEventListener(type, () => {
      isTold = true;
    });
    // its event may be about to happen
    setTimeout(() => isTold || image.dispatchEvent(new Event(type)));
  }
}
