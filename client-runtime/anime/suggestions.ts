/*
 * What to suggest for a text that somebody types, with as few requests as can be. Input: texts, and answers of the
 * server. Output: a state for each change. An answer that had everything answers all longer texts, too; only what no
 * answer covers is asked for, once somebody stops typing, and what is not wanted any more is given up.
 */

import { isFoundBy, searchWords } from '../../components/admin/words.ts';

export interface Suggestion {
  readonly id: number;
  readonly name: string;
  readonly email: string;
}

export interface Answer {
  readonly users: readonly Suggestion[];
  /** Whether these are all that the text finds. */
  readonly isComplete: boolean;
}

export type SuggestionState =
  /** There is nothing to look for. */
  | { readonly kind: 'idle' }
  /** Asked, or about to; what was found before for a shorter text stays. */
  | { readonly kind: 'waiting'; readonly users: readonly Suggestion[] }
  | { readonly kind: 'found'; readonly users: readonly Suggestion[]; readonly isComplete: boolean }
  | { readonly kind: 'failed'; readonly why: Failure };

export type Failure = 'offline' | 'ended' | 'failed';

/** Thrown by `ask` where it knows why. */
export class AskError extends Error {
  readonly why: Failure;

  constructor(why: Failure) {
    super(why);
    this.why = why;
  }
}

export interface SuggesterOptions {
  /** Asks the server for the users that words find. */
  readonly ask: (text: string, signal: AbortSignal) => Promise<Answer>;
  readonly onState: (state: SuggestionState) => void;
}

export interface Suggester {
  /** Somebody typed: the whole text. */
  type(text: string): void;
  /** Asks again for what failed. */
  retry(): void;
  /** Forgets all answers: they get old. */
  reset(): void;
}

/** How long somebody is taken to type on; then the server is asked. */
export const typingMs = 150;

export function createSuggester({ ask, onState }: SuggesterOptions): Suggester {
  const answers = new Map<string, Answer>();
  let wanted = '';
  let shown: readonly Suggestion[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let request: AbortController | undefined;

  const cancel = (): void => {
    clearTimeout(timer);
    request?.abort();
    request = undefined;
  };

  const show = (state: SuggestionState): void => {
    shown = 'users' in state ? state.users : [];
    onState(state);
  };

  const fetch = async (key: string): Promise<void> => {
    const mine = new AbortController();
    request = mine;
    try {
      const answer = await ask(key, mine.signal);
      if (request !== mine) return;
      answers.set(key, answer);
      show({ kind: 'found', ...answer });
    } catch (error) {
      if (request === mine) show({ kind: 'failed', why: error instanceof AskError ? error.why : 'failed' });
    }
  };

  const want = (key: string, delay: number): void => {
    cancel();
    wanted = key;
    if (key === '') {
      show({ kind: 'idle' });
      return;
    }
    const known = findAnswer(answers, key);
    if (known) {
      show({ kind: 'found', ...known });
      return;
    }
    const words = key.split(' ');
    show({ kind: 'waiting', users: shown.filter((user) => isFoundBy(words, user)) });
    timer = setTimeout(() => fetch(key), delay);
  };

  return {
    type(text) {
      const key = searchWords(text).join(' ');
      if (key !== wanted) want(key, typingMs);
    },
    retry: () => want(wanted, 0),
    reset() {
      cancel();
      answers.clear();
      wanted = '';
      shown = [];
    },
  };
}

/** The answer to these very words, or what a complete answer to the beginning of them says about them. */
function findAnswer(answers: ReadonlyMap<string, Answer>, key: string): Answer | undefined {
  const exact = answers.get(key);
  if (exact) return exact;
  for (let length = key.length - 1; length > 0; length--) {
    const shorter = answers.get(key.slice(0, length).trimEnd());
    if (shorter?.isComplete) {
      const words = key.split(' ');
      return { users: shorter.users.filter((user) => isFoundBy(words, user)), isComplete: true };
    }
  }
  return undefined;
}
