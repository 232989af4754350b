// Helpers for tests of custom elements in a page: names nobody has, markup in the page, and waiting for what is due.
// A name can be defined once in a page and never undone, so each test takes a new one.

let names = 0;

/** A name that no element of this page has. */
export function nextName(): string {
  names++;
  return `test-element-${names}`;
}

/** Puts markup into the page, in place of what stood there, and returns its first element when it has rendered. */
export async function show<Found extends HTMLElement = HTMLElement>(markup: string): Promise<Found> {
  document.body.innerHTML = markup;
  await rendered();
  return document.body.firstElementChild as Found;
}

/** Resolves when everything that is due has been rendered: rendering waits for microtasks, a frame for all of them. */
export function rendered(): Promise<void> {
  return new Promise((resolve) => requestAnimationFrame(() => resolve()));
}

/** The events of a name that reach a target from now on. */
export function heard(target: EventTarget, name: string): CustomEvent[] {
  const events: CustomEvent[] = [];
  target.addEventListener(name, (event) => events.push(event as CustomEvent));
  return events;
}
