// What a browser engine has to offer to the tests in this folder, whatever protocol it speaks: firefox.ts and webkit.ts
// implement it, and page.ts makes of it what tests are written with.

export type EngineName = 'firefox' | 'webkit';

/** Keys that are no characters. */
export type Key = 'Home' | 'ArrowRight' | 'Enter';

export interface Engine extends AsyncDisposable {
  /** Opens an empty window. All windows share cookies and storage. */
  newWindow(): Promise<EngineWindow>;
  /** Ends it at once, and asks nobody: a page may hang. */
  kill(): void;
}

export interface EngineWindow {
  /** Loads a page, and waits for its `load`. */
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Goes one page back in the history. It may return before that page is there. */
  back(): Promise<void>;
  /** Runs a function in the page. It sees nothing but the page and its arguments; what both exchange is JSON. */
  evaluate<Args extends readonly unknown[], Result>(
    run: (...args: Args) => Result,
    ...args: Args
  ): Promise<Awaited<Result>>;
  /** Presses and releases the mouse, as a person would, in CSS pixels from the top left of what is visible. */
  clickAt(x: number, y: number): Promise<void>;
  /** Presses the keys of a text, one after the other. */
  type(text: string): Promise<void>;
  press(key: Key): Promise<void>;
  close(): Promise<void>;
}
