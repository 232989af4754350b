/*
 * What effects use of a browser, typed here because the core compiles without DOM types. Nothing is touched before an
 * effect runs, so that a component with such effects can be imported, rendered and tested where there is no browser.
 */

export interface BrowserGlobals {
  readonly window: Target;
  readonly document: BrowserDocument;
  addEventListener: Listen;
  readonly location: {
    readonly href: string;
    readonly origin: string;
    readonly pathname: string;
    readonly search: string;
    readonly hash: string;
  };
  readonly history: {
    pushState(state: unknown, unused: string, url: string): void;
    replaceState(state: unknown, unused: string, url: string): void;
    back(): void;
  };
  readonly navigator: { readonly onLine?: boolean; readonly clipboard?: { writeText(text: string): Promise<void> } };
  readonly localStorage?: BrowserStorage;
  readonly sessionStorage?: BrowserStorage;
  readonly Event: new (type: string) => object;
  fetch(url: string, options: object): Promise<HttpResponse>;
  requestAnimationFrame(callback: () => void): number;
  cancelAnimationFrame(frame: number): void;
  scrollTo(options: object): void;
  dispatchEvent(event: object): boolean;
}

type Listen = (name: string, listener: (event: never) => void, options?: object) => void;

/** Anything that fires events: a window, an element, a socket. */
export interface Target {
  addEventListener(name: string, listener: never, options?: never): void;
}

/** What knows where the focus is: a document, or a shadow root. */
export interface Focusable {
  readonly activeElement: { readonly shadowRoot: Focusable | null } | null | undefined;
}

export interface BrowserDocument extends Searchable, Focusable {
  title: string;
  readonly body: unknown;
  addEventListener: Listen;
  getElementById(id: string): BrowserElement | null;
}

/** A document, a shadow root, or an element. */
export interface Searchable {
  querySelector(selector: string): BrowserElement | null;
}

export interface BrowserElement {
  focus(options?: object): void;
  scrollIntoView(options?: object): void;
}

export interface BrowserStorage {
  getItem(key: string): string | null;
  setItem(key: string, text: string): void;
  removeItem(key: string): void;
}

export interface HttpResponse {
  readonly ok: boolean;
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}

export const browser = globalThis as unknown as BrowserGlobals;
