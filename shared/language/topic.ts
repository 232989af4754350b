/*
 * What components hear of besides their own messages: topics, and who is here. Only types, and the effect's run: the
 * server makes both (`app.islet.topic`, `app.islet.presence`) and gives them to a component as it gives it a database.
 */

import type { EffectHost } from './effect.ts';
import type { AnyMessage } from './html.ts';
import { IsletError } from './islet-error.ts';

/** How somebody listens to a topic. */
export interface ListenOptions {
  /** Ends it. */
  readonly signal?: AbortSignal;
  /** Something may have been said that was not heard: read what it was about once more. */
  readonly onGap?: () => void;
}

/** What can be listened to. */
export interface Audible<Value> {
  readonly name: string;
  /** Returns what ends it. */
  subscribe(listener: (value: Value) => void, options?: ListenOptions): () => void;
}

/** Values that all processes of an app tell each other under one name. */
export interface Topic<Value> extends Audible<Value> {
  /**
   * Tells all who listen, in the order in which this process says it: here at once (where more than 64 listen, some at a
   * time), in other processes a moment later.
   * What listens elsewhere may miss it, and knows within ten seconds that it has.
   *
   * @param value Plain JSON, of 1 MiB at most. Those who listen get a copy that all of a process share.
   * @throws IsletError ISLET_ERR_TOPIC for what is no JSON, or too long.
   */
  publish(value: Value): void;
}

/** Somebody who is here, however many pages they have open. */
export interface Person<Meta = unknown> {
  /** Who it is: two tabs of the same id are one person. */
  readonly id: string;
  readonly name: string;
  /** Plain JSON, as the page that came last says it. */
  readonly meta: Meta;
  /** In how many pages. 0: they have just left, and may be about to come back. */
  readonly tabs: number;
}

/** Who is here, on all machines of an app. People are in the order of their ids. */
export interface Presence<Meta = unknown> extends Audible<readonly Person<Meta>[]> {
  /**
   * Somebody is here, in one page, until they leave or the signal fires. Said again it changes their name and `meta`.
   *
   * @param tab Names the page, such as `client.id`.
   * @throws IsletError ISLET_ERR_PRESENCE for what is too long, no JSON, or too many.
   */
  enter(
    tab: string,
    person: { readonly id: string; readonly name: string; readonly meta: Meta },
    signal?: AbortSignal,
  ): void;
  /** The page is gone; who has no other is shown for five more seconds. */
  leave(tab: string): void;
}

/** How a component subscribes to a topic. */
export interface SubscribeOptions<Gap extends AnyMessage> {
  /** Gives the message for "something may have been missed", or null for none. */
  readonly onGap?: () => Gap | null;
}

/** The run of `effect.subscribe`: ends with its actor, and begins again with its next life where `init` asks for it. */
export function listen<Value>(
  host: EffectHost,
  audible: Audible<Value>,
  toMessage: (value: Value) => AnyMessage | null,
  { onGap }: SubscribeOptions<AnyMessage>,
): void {
  refuseInBrowser(host, 'effect.subscribe');
  const tell = (make: () => AnyMessage | null): void => {
    try {
      const message = make();
      if (message) host.dispatch(message);
    } catch (error) {
      host.report(error);
    }
  };
  audible.subscribe((value) => tell(() => toMessage(value)), {
    signal: host.signal,
    ...(onGap && { onGap: () => tell(onGap) }),
  });
}

/** @throws IsletError ISLET_ERR_COMPONENT in a browser, where there is nothing to listen to. */
export function refuseInBrowser({ root }: EffectHost, name: string): void {
  if (root === undefined) return;
  const cure = 'use it in a component of the server, which can emit an event or provide a value';
  throw new IsletError('ISLET_ERR_COMPONENT', `${name} is an effect of the server, and this is a browser: ${cure}`);
}
