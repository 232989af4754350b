// Topics of one process, for what needs one and no server. Input: who is told what listeners throw.

import { Topics } from '../../server/cluster/topics.ts';
import type { Topic } from '../../shared/index.ts';

export function createTopic<Value>(
  onError: (error: unknown) => void = (error) => {
    throw error;
  },
): Topic<Value> {
  const log = { error: ({ err }: { readonly err?: unknown }) => onError(err), warn() {}, info() {} };
  return new Topics(undefined, log).topic<Value>('test');
}
