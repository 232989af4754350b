/*
 * One driven connection: a socket and the subject's conversation on it. Workloads say what happens on a reply.
 */

import type { Action, Conversation, Plan } from './protocol.ts';
import { Meaning } from './protocol.ts';
import { LoadSocket } from './socket.ts';

export class Island {
  onReply: (() => void) | undefined;
  onDelivery: (() => void) | undefined;
  /** Called with the text of each frame while somebody wants to see them; costs nothing else. */
  onText: ((text: string) => void) | undefined;
  /** Payload bytes and frames from the server. */
  bytes = 0;
  frames = 0;
  private readonly conversation: Conversation;
  private readonly socket: LoadSocket;
  private onJoined: (() => void) | undefined;
  private onClosed: ((reason: string) => void) | undefined;

  /** Connects; `onJoined` is called when the island is live. A connection that is lost unasked throws. */
  constructor(port: number, plan: Plan, onJoined: () => void) {
    this.conversation = plan.converse();
    this.onJoined = onJoined;
    this.socket = new LoadSocket(port, plan.path, plan.headers, {
      opened: () => {
        const frames = this.conversation.join();
        for (const frame of frames) this.socket.send(frame);
        if (frames.length === 0) this.joined();
      },
      frame: (bytes, start, end) => this.read(bytes, start, end),
      closed: (reason) => {
        if (this.onClosed === undefined) throw new Error(`connection lost: ${reason}`);
        this.onClosed(reason);
      },
    });
  }

  send(action: Action): void {
    this.socket.send(this.conversation.event(action));
  }

  /** Says goodbye as a closed page does; calls back when the server has closed. */
  close(onClosed: () => void): void {
    this.onClosed = onClosed;
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(bytes: Buffer, start: number, end: number): void {
    this.bytes += end - start;
    this.frames++;
    const meaning = this.conversation.read(bytes, start, end);
    this.onText?.(bytes.toString('utf8', start, end));
    if (meaning === Meaning.reply) this.onReply?.();
    else if (meaning === Meaning.delivery) {
      const due = this.conversation.due();
      if (due) this.socket.send(due);
      this.onDelivery?.();
    } else if (meaning === Meaning.joined) this.joined();
  }

  private joined(): void {
    this.onJoined?.();
    this.onJoined = undefined;
  }
}

/** Opens `count` islands, `concurrency` at a time. */
export function openIslands(port: number, plan: Plan, count: number, concurrency = 20): Promise<Island[]> {
  const islands: Island[] = [];
  let joined = 0;
  return new Promise((resolve) => {
    const open = (): void => {
      islands.push(
        new Island(port, plan, () => {
          joined++;
          if (joined === count) resolve(islands);
          else if (islands.length < count) open();
        }),
      );
    };
    for (let index = 0; index < Math.min(concurrency, count); index++) open();
  });
}

/** Closes them all, in the way a client does. */
export async function closeIslands(islands: readonly Island[]): Promise<void> {
  await Promise.all(islands.map((island) => new Promise<void>((resolve) => island.close(resolve))));
}
