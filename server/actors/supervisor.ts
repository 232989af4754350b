/*
 * The XState side of supervision: a system whose root spawns one supervisor for each route, and each supervisor the
 * actors of its route. XState tells a parent when a child has failed; the supervisor hands that to the child's owner,
 * which decides about a restart (`LiveActor`), and stops children that were let go.
 */

import { type ActorLogic, type AnyActorRef, createActor, type Snapshot } from 'xstate';
import type { Clock } from '../../shared/runtime/clock.ts';

/** Who answers for an actor. */
export interface ActorOwner {
  onActorError(error: unknown): void;
}

type SupervisorEvent =
  | { readonly type: 'ActorSpawned'; readonly id: string; readonly owner: ActorOwner }
  | { readonly type: 'ActorReleased'; readonly id: string; readonly actor: AnyActorRef }
  | { readonly type: `xstate.error.actor.${string}`; readonly actorId: string; readonly error: unknown }
  | { readonly type: 'xstate.stop' };

interface SupervisorSnapshot {
  readonly status: 'active' | 'stopped';
  readonly output: undefined;
  readonly error: undefined;
  readonly owners: Map<string, ActorOwner>;
}

const supervisorLogic: ActorLogic<SupervisorSnapshot & Snapshot<undefined>, SupervisorEvent> = {
  getInitialSnapshot: () => ({ status: 'active', output: undefined, error: undefined, owners: new Map() }),
  getPersistedSnapshot: () => ({ status: 'active', output: undefined, error: undefined }),
  transition(snapshot, event, scope) {
    if (event.type === 'ActorSpawned') snapshot.owners.set(event.id, event.owner);
    else if (event.type === 'ActorReleased') {
      snapshot.owners.delete(event.id);
      scope.stopChild(event.actor);
    } else if (event.type === 'xstate.stop') return { ...snapshot, status: 'stopped' } as never;
    else if (event.type.startsWith('xstate.error.actor.')) {
      const { actorId, error } = event as { actorId: string; error: unknown };
      const owner = snapshot.owners.get(actorId);
      // after the supervisor's own step, since the owner answers by sending to the supervisor
      if (owner) scope.defer(() => owner.onActorError(error));
    }
    return snapshot;
  },
};

/** One route's supervisor. */
export class Supervisor {
  readonly ref: AnyActorRef;

  constructor(root: AnyActorRef, route: string) {
    this.ref = createActor(supervisorLogic, { parent: root, id: route }).start();
  }

  watch(id: string, owner: ActorOwner): void {
    this.ref.send({ type: 'ActorSpawned', id, owner });
  }

  release(id: string, actor: AnyActorRef): void {
    this.ref.send({ type: 'ActorReleased', id, actor });
  }
}

/** Starts the system that all actors of a server belong to. */
export function createSystem(clock: Clock): AnyActorRef {
  return createActor(supervisorLogic, { id: 'islet', clock: clock as never }).start();
}
