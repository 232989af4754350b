// Steps between which a server of a cluster may end or hang: of a claim, a commit, a publication, a release, and of a
// page's move. Input: what goes over its bus and to its store. Output: each step's name, as it is passed.

import type { Bus, BusMessage, Store, Write } from '../../server/index.ts';

/** What has to happen that a step is passed. */
export type Cause = 'somebody clicks' | 'the owner dies' | 'it is stopped' | 'pages move';

const causes = {
  'claim: others are about to be asked': 'the owner dies',
  'claim: it is about to be written': 'the owner dies',
  'claim: it was written': 'the owner dies',
  'claim: it is about to be said': 'the owner dies',
  'claim: it was said': 'the owner dies',
  'commit: it is about to be sent': 'somebody clicks',
  'commit: it was answered': 'somebody clicks',
  'turn: it is about to be said': 'somebody clicks',
  'turn: it was said': 'somebody clicks',
  'events: they are about to be sent': 'somebody clicks',
  'events: they were heard': 'somebody clicks',
  'events: they are about to be acknowledged': 'somebody clicks',
  'release: it is about to be said': 'it is stopped',
  'release: it was said': 'it is stopped',
  'move: the session is about to be asked for': 'pages move',
  'move: the session is to be given': 'pages move',
  'move: it is about to be said that it was given': 'pages move',
} satisfies Record<string, Cause>;
export type Step = keyof typeof causes;
export const steps = Object.keys(causes) as [Step, ...Step[]];

export function causeOf(step: Step): Cause {
  return causes[step];
}

type Pass = (step: Step) => void;

/** A bus on which steps are seen. */
export function watchBus(bus: Bus, pass: Pass): Bus {
  return {
    get state() {
      return bus.state;
    },
    maxBytes: bus.maxBytes,
    publish(subject, text) {
      const kind = subject.startsWith('news.') ? kindOf(text) : undefined;
      const what =
        kind === 'claimed' ? 'claim' : kind === 'released' ? 'release' : kind === 'turn' ? 'turn' : undefined;
      if (what) pass(`${what}: it is about to be said`);
      const isSaid = bus.publish(subject, text);
      // what was handed over is under way now
      if (what) setImmediate(() => pass(`${what}: it was said`));
      return isSaid;
    },
    subscribe: (subject, hear) =>
      bus.subscribe(subject, (message) => {
        const kind = /^(live|session)\./.test(subject) ? kindOf(message.text) : undefined;
        if (kind === 'events') {
          pass('events: they were heard');
          return hear(beforeAnswer(message, () => pass('events: they are about to be acknowledged')));
        }
        if (subject.startsWith('session.') && kind === 'give') {
          pass('move: the session is to be given');
          return hear(beforeAnswer(message, () => pass('move: it is about to be said that it was given')));
        }
        return hear(message);
      }),
    request(subject, text, limitMs) {
      const kind = /^(live|owner|session)\./.test(subject) ? kindOf(text) : undefined;
      if (kind === 'events') pass('events: they are about to be sent');
      if (subject.startsWith('owner.') && kind === 'who') pass('claim: others are about to be asked');
      if (subject.startsWith('session.') && kind === 'give') pass('move: the session is about to be asked for');
      return bus.request(subject, text, limitMs);
    },
    flush: () => bus.flush(),
    onState: (listener) => bus.onState(listener),
    onError: (listener) => bus.onError(listener),
    close: () => bus.close(),
  };
}

/** A store on whose way steps are seen. */
export function watchStore(store: Store, pass: Pass): Store {
  return {
    load: (key) => store.load(key),
    async commit(writes) {
      const isClaim = writes.some(isOfClaim);
      pass(isClaim ? 'claim: it is about to be written' : 'commit: it is about to be sent');
      const kept = await store.commit(writes);
      pass(isClaim ? 'claim: it was written' : 'commit: it was answered');
      return kept;
    },
    remove: (key, by) => store.remove(key, by),
    due: (withinMs, limit) => store.due(withinMs, limit),
    sweep: (limit) => store.sweep(limit),
    close: () => store.close(),
  };
}

/** A claim writes whose the row is, and nothing else. */
function isOfClaim({ rendering = '', model, instances, clients }: Write): boolean {
  return rendering.includes('"term"') && model === undefined && instances === undefined && clients === undefined;
}

function beforeAnswer({ text, answer }: BusMessage, before: () => void): BusMessage {
  if (!answer) return { text, answer };
  return {
    text,
    answer(said) {
      before();
      answer(said);
    },
  };
}

/** Frames of owners, edges and sessions name their kind in their second part. */
function kindOf(text: string): string | undefined {
  const [, said] = JSON.parse(text) as [unknown, unknown];
  return typeof said === 'string' ? said : (said as { readonly kind?: string } | undefined)?.kind;
}
