/*
 * A page with an island is where its person is, if the island's route says so. Input: subscriptions that begin. Output:
 * their people in a presence, and what takes them out of it.
 */

import type { Log } from '../inspect/log.ts';
import type { Subscription } from './subscription.ts';

/** What the app throws costs nobody their island. */
export function enterPresence(subscription: Subscription, log: Log): void {
  const { match, session, channel } = subscription;
  const { route, params } = match;
  if (!route.options.presence) return;
  try {
    const visit = route.options.presence(session.client, params);
    // as a function without a `return` gives it
    if (visit === undefined) throw new TypeError('presence gave nothing; give null where nobody is to know');
    if (!visit) return;
    const { in: presence, id, name, meta = null } = visit;
    const tab = `${session.client.id} ${channel}`;
    presence.enter(tab, { id, name, meta });
    subscription.endPresence = () => presence.leave(tab);
  } catch (err) {
    log.error({ err, route: route.path }, 'somebody could not be listed as being here');
  }
}
