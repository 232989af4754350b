// Reports an event at a listener of a view over a real socket, and tells what its handler was told.

import { expect } from 'vitest';
import { component, type EventData, effect, on, type Template } from '../../shared/index.ts';
import type { Json } from '../../shared/language/events.ts';
import type { OnOptions } from '../../shared/language/on-options.ts';
import { outcomeOf, refusedTo } from './outcomes.ts';
import { startServer } from './server.ts';

export interface Pressed {
  readonly type: 'UserPressed';
  readonly data: EventData;
}

/** A listener that passes on what it is told. */
export const press = (options?: OnOptions) => on<Pressed>((data) => ({ type: 'UserPressed', data }), options);

/** Reports an event at a hole of the instance with an id; gives what the handler was told, or 'refused'. */
export async function tell(
  view: () => Template<Pressed>,
  { data, hole, instance }: { readonly data?: Json; readonly hole: number; readonly instance?: number },
): Promise<EventData | 'refused'> {
  const taken: EventData[] = [];
  const pressed = component<null, Pressed>({
    init: () => [null, effect.none],
    update(_, message) {
      taken.push(message.data);
      return [null, effect.none];
    },
    view,
  });
  await using server = await startServer((app) => app.islet.route('/ws/x', pressed));
  const page = await server.visit('/ws/x');
  page.click(hole, { data: data ?? null, ...(instance && { instance }) });
  await outcomeOf(page, 1);
  expect(server.errors).toEqual([]);
  expect(server.app.islet.counters.failures).toBe(0);
  if (taken[0]) return taken[0];
  expect(refusedTo(page)).toEqual([{ event: 1, code: 'ISLET_ERR_EVENT_DISABLED' }]);
  return 'refused';
}
