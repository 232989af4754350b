// What is still there after garbage was collected: `kept(refs)`.

import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
export const collect = runInNewContext('gc') as () => void;

/** Which of some things are still there after garbage was collected. */
export async function kept(refs: ReadonlyMap<string, WeakRef<object>>): Promise<string[]> {
  const left = (): string[] => [...refs].flatMap(([name, ref]) => (ref.deref() ? [name] : []));
  for (let round = 0; round < 20 && left().length > 0; round++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  return left();
}
