/*
 * Topics of an app (`app.islet.topic`). Input: values that processes publish under a name. Output: the same to all who
 * have subscribed, here at once and elsewhere over the bus. Without a bus there is nobody elsewhere.
 */

import { IsletError } from '../../shared/language/islet-error.ts';
import type { ListenOptions, Topic } from '../../shared/language/topic.ts';
import type { Log } from '../inspect/log.ts';
import { sliceLength } from '../slices.ts';
import type { Numbered } from './numbered.ts';
import { toSubject } from './subject.ts';

/** The longest value, as JSON, in characters. */
const maxValueLength = 1024 * 1024;
const maxNameLength = 1_000;
/** So many values of a topic wait until all have heard them, and no more. */
export const maxTelling = 16;

interface Listener {
  readonly hear: (value: unknown) => void;
  readonly onGap: (() => void) | undefined;
}

interface Audience {
  readonly listeners: Set<Listener>;
  /** What is being told, each value with those who have yet to hear it. */
  readonly telling: { readonly value: unknown; readonly left: Listener[] }[];
  /** Ends what is heard of others. */
  readonly end: (() => void) | undefined;
}

export class Topics {
  private readonly numbered: Numbered | undefined;
  private readonly log: Log;
  /** Of topics that somebody here listens to. */
  private readonly audiences = new Map<string, Audience>();
  private isClosed = false;

  /** @param numbered Undefined: there is no bus. */
  constructor(numbered: Numbered | undefined, log: Log) {
    this.numbered = numbered;
    this.log = log;
  }

  /** @throws IsletError ISLET_ERR_TOPIC for a name that is none. */
  topic<Value>(name: string): Topic<Value> {
    if (typeof name !== 'string' || name === '' || name.length > maxNameLength) {
      throw new IsletError('ISLET_ERR_TOPIC', `a topic has a name, of ${maxNameLength} characters at most`);
    }
    return {
      name,
      publish: (value) => this.publish(name, value),
      // whoever publishes says what type the values have
      subscribe: (listener, options) => this.subscribe(name, listener as (value: unknown) => void, options),
    };
  }

  close(): void {
    this.isClosed = true;
    for (const { end } of this.audiences.values()) end?.();
    this.audiences.clear();
  }

  private publish(name: string, value: unknown): void {
    const json = toJson(name, value);
    if (this.isClosed) return;
    const audience = this.audiences.get(name);
    this.numbered?.say(toSubject('topic', name), json);
    // what listeners get is the same as elsewhere, whatever becomes of the value here
    if (audience) this.tell(name, audience, JSON.parse(json));
  }

  private subscribe(name: string, hear: (value: unknown) => void, { signal, onGap }: ListenOptions = {}): () => void {
    if (this.isClosed || signal?.aborted) return () => {};
    const audience = this.audiences.get(name) ?? this.gather(name);
    const listener: Listener = { hear, onGap };
    audience.listeners.add(listener);
    const end = (): void => {
      signal?.removeEventListener('abort', end);
      if (!audience.listeners.delete(listener) || audience.listeners.size > 0) return;
      audience.end?.();
      if (this.audiences.get(name) === audience) this.audiences.delete(name);
    };
    signal?.addEventListener('abort', end, { once: true });
    return end;
  }

  private gather(name: string): Audience {
    const listeners = new Set<Listener>();
    const end = this.numbered?.listen(toSubject('topic', name), {
      hear: (value) => this.tell(name, audience, value),
      onGap: () => {
        for (const { onGap } of [...listeners]) if (onGap) this.shield(name, onGap);
      },
    });
    const audience: Audience = { listeners, telling: [], end };
    this.audiences.set(name, audience);
    return audience;
  }

  private tell(name: string, audience: Audience, value: unknown): void {
    const { listeners, telling } = audience;
    telling.push({ value, left: [...listeners].reverse() });
    if (telling.length === 1) this.tellSome(name, audience);
    // whoever says more than thousands can hear waits for them
    while (telling.length > maxTelling) this.tellFirst(name, audience);
  }

  /** Tells the first value to all who have yet to hear it. */
  private tellFirst(name: string, { listeners, telling }: Audience): void {
    const first = telling.shift();
    for (let listener = first?.left.pop(); listener; listener = first?.left.pop()) {
      const { hear } = listener;
      if (listeners.has(listener)) this.shield(name, () => hear(first?.value));
    }
  }

  /** Thousands of actors that all hear a value at once would keep everybody else waiting. */
  private tellSome(name: string, audience: Audience): void {
    const { listeners, telling } = audience;
    for (let count = 0; telling[0] && !this.isClosed; ) {
      const { value, left } = telling[0];
      const listener = left.pop();
      if (!listener) telling.shift();
      else if (listeners.has(listener)) {
        this.shield(name, () => listener.hear(value));
        if (++count < sliceLength || (left.length === 0 && telling.length === 1)) continue;
        setImmediate(() => this.tellSome(name, audience));
        return;
      }
    }
  }

  /** What one throws is nothing to the others, and nothing to who publishes. */
  private shield(topic: string, run: () => void): void {
    try {
      run();
    } catch (err) {
      this.log.error({ err, topic }, `who listens to the topic '${topic}' threw`);
    }
  }
}

/** @throws IsletError ISLET_ERR_TOPIC */
function toJson(name: string, value: unknown): string {
  let json: string | undefined;
  let cause: unknown;
  try {
    json = JSON.stringify(value);
  } catch (error) {
    cause = error;
  }
  if (json === undefined) {
    throw new IsletError('ISLET_ERR_TOPIC', `what is published on '${name}' must be plain JSON`, { cause });
  }
  if (json.length > maxValueLength) {
    const limit = `${maxValueLength} characters at most`;
    throw new IsletError('ISLET_ERR_TOPIC', `what is published on '${name}' has ${json.length} characters; ${limit}`);
  }
  return json;
}
