/*
 * Votes of which nobody knows whether they were stored: the answer to a commit was lost. Input: whose vote on what.
 * Output: once the database answers again, how it stands, to whoever shows it. Kept in memory: after a restart all is
 * read anew.
 */

export interface VoteKey {
  readonly animeId: number;
  readonly visitor: string;
}

export interface Unsettled {
  /** Notes a vote. */
  add(key: VoteKey): void;
}

export interface UnsettledOptions {
  /** Reads how a vote stands, and tells it. @throws While the database does not answer. */
  readonly settle: (key: VoteKey) => Promise<void>;
}

/** Between two tries. */
const retryMs = 1_000;
/** Whoever is left out sees how it stands when the page is loaded again. */
const maxVotes = 1_000;
/** A database that was away for so long has others to tell. */
const maxTries = 600;

export function createUnsettled({ settle }: UnsettledOptions): Unsettled {
  const votes = new Map<string, VoteKey>();
  let isTrying = false;
  let tries = 0;

  const tryLater = (): void => {
    isTrying = true;
    setTimeout(tryNow, retryMs).unref();
  };

  const tryNow = async (): Promise<void> => {
    try {
      for (const [name, key] of votes) {
        await settle(key);
        votes.delete(name);
      }
      isTrying = false;
    } catch {
      // it was logged when it failed first
      if (++tries < maxTries) return tryLater();
      votes.clear();
      isTrying = false;
    }
  };

  return {
    add(key) {
      if (votes.size >= maxVotes) return;
      votes.set(`${key.animeId} ${key.visitor}`, key);
      tries = 0;
      if (!isTrying) tryLater();
    },
  };
}
