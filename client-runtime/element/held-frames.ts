/*
 * Frames that wait for a script that is loaded later. Input: frames, in the order in which they come. Output: the same
 * frames, when it is there; or that there were too many, or that it cannot be had.
 */

/** How much is kept. */
const maxLength = 1_000_000;

export interface HeldFrames {
  /** Whether frames are held: then those behind them have to wait too. */
  readonly isHolding: boolean;
  /** Keeps a frame. @param loading Settles when it is known whether the script is there; for the first frame alone. */
  hold(frame: string, loading?: Promise<void>): undefined;
  /** They will be said again. */
  forget(): void;
}

/**
 * @param read Reads a frame that has waited.
 * @param onTooMany Frames were left out.
 * @param onMissing The script cannot be had.
 */
export function createHeldFrames(
  read: (frame: string) => void,
  onTooMany: () => void,
  onMissing: () => void,
): HeldFrames {
  let frames: string[] | undefined;
  let length = 0;

  const release = (): void => {
    const waiting = frames ?? [];
    frames = undefined;
    // then there are none
    if (length > maxLength) onTooMany();
    for (const frame of waiting) read(frame);
  };

  return {
    get isHolding() {
      return !!frames;
    },
    hold(frame, loading) {
      if (loading) {
        frames = [];
        length = 0;
        loading.then(release, onMissing);
      }
      length += frame.length;
      if (length > maxLength) frames = [];
      else frames?.push(frame);
      return undefined;
    },
    forget() {
      if (frames) frames = [];
    },
  };
}
