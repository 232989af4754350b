/*
 * Records clicks, forms that are sent, and what was loaded or could not be, until the app's script runs, which delivers
 * that then (`replay.ts`). It is a script of its own, a few hundred bytes that a page may load before anything else:
 * `<script async src="/islet/early.js"></script>`.
 */

const events: Event[] = [];
const types = ['click', 'submit', 'load', 'error'];

function record(event: Event): void {
  const target = event.target as Element;
  const { type } = event;
  // what works without scripts has happened already
  if (type === 'submit' ? target.hasAttribute('action') : type === 'click' && target.closest('a[href]')) return;
  if (type === 'submit') event.preventDefault();
  events.push(event);
}

// a window hears of no image that was loaded
for (const type of types) document.addEventListener(type, record, true);

globalThis.isletEarly = {
  events,
  stop() {
    for (const type of types) document.removeEventListener(type, record, true);
  },
};

export {};
