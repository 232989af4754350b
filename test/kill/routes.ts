// Where the islands of the kill test are, and the steps at which its servers end.

/** Where the islands are that are killed. */
export const routes = { shared: '/ws/board', own: '/ws/mine' } as const;

/** Steps of a turn, and of a task, at which a server may be made to end, in their order. */
export const steps = [
  'rendered',
  'commit sent',
  'commit answered',
  'committed',
  'frames encoded',
  'frames written',
  'run started',
  'task asked',
  'task started',
  'task called',
  'task answers',
  'task failed',
  'task done',
] as const;

export type Step = (typeof steps)[number];
