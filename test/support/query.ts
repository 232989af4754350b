// A query as query builders have it: no promise, and each call of `then` asks the database.

import { setImmediate } from 'node:timers/promises';

export class Query<Row> implements PromiseLike<Row> {
  /** How often any query was run. */
  static runs = 0;
  readonly #load: () => Row;

  constructor(load: () => Row) {
    this.#load = load;
  }

  // biome-ignore lint/suspicious/noThenProperty: this is what makes it one
  then: PromiseLike<Row>['then'] = (onRow, onError) => {
    Query.runs++;
    return setImmediate().then(this.#load).then(onRow, onError);
  };
}

/** How many queries an action runs. */
export async function runsOf(action: () => Promise<unknown>): Promise<number> {
  Query.runs = 0;
  await action();
  return Query.runs;
}
