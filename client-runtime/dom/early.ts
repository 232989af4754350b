/*
 * Records clicks until the app's script runs, which delivers them then (`replay.ts`). It is a script of its own, a few
 * hundred bytes that a page may load before anything else: `<script async src="/islet/early.js"></script>`.
 */

const events: Event[] = [];

function record(event: Event): void {
  const target = event.target as Element;
  // what works without scripts has happened already
  if (event.type === 'submit' ? target.hasAttribute('action') : target.closest('a[href]')) return;
  if (event.type === 'submit') event.preventDefault();
  events.push(event);
}

for (const type of ['click', 'submit']) addEventListener(type, record, true);

globalThis.isletEarly = {
  events,
  stop() {
    for (const type of ['click', 'submit']) removeEventListener(type, record, true);
  },
};

export {};
