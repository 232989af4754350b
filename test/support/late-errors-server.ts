// A server of its own process for `late-errors.test.ts`: each route's component has a button (hole 0) whose effect
// throws when nobody listens any more, and one (hole 1) that counts. It prints its address, then its log, as JSON
// lines.

import Fastify from 'fastify';
import { islet } from '../../server/index.ts';
import { type Component, component, type Dispatch, type EffectContext, effect, html } from '../../shared/index.ts';

type Message = { readonly type: 'UserBrokeIt' } | { readonly type: 'UserClicked' };
type Run = (dispatch: Dispatch<Message>, context: EffectContext) => unknown;

const boom = (): never => {
  throw new Error('boom');
};

export const lateErrors: Record<string, Run> = {
  timeout: () => setTimeout(boom, 1),
  interval: () => {
    const timer = setInterval(() => {
      clearInterval(timer);
      boom();
    }, 1);
  },
  immediate: () => setImmediate(boom),
  'next-tick': () => process.nextTick(boom),
  microtask: () => queueMicrotask(boom),
  'promise-that-nobody-awaits': () => {
    void Promise.resolve().then(boom);
  },
  'async-function-that-nobody-awaits': () => {
    const later = async (): Promise<void> => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      boom();
    };
    void later();
  },
  'rejection-without-a-reason': () => {
    void Promise.reject();
  },
  'timeout-of-a-timeout': () => setTimeout(() => setTimeout(boom, 1), 1),
};

/** Throws when the actor is stopped for another reason. */
const onAbort: Run = (_, { signal }) => {
  signal.addEventListener('abort', boom);
};

function fragile(run: Run): Component<number, Message, unknown> {
  return component<number, Message>({
    init: () => [0, effect.none],
    update: (count, message) =>
      message.type === 'UserClicked' ? [count + 1, effect.none] : [count, effect.from<Message>(run)],
    view: (count) =>
      html`<button @click=${{ type: 'UserBrokeIt' }}></button><b @click=${{ type: 'UserClicked' }}>${count}</b>`,
  });
}

if (import.meta.main) {
  const app = Fastify({ logger: { level: 'error' } });
  await app.register(islet);
  for (const [name, run] of Object.entries({ ...lateErrors, abort: onAbort })) {
    app.islet.route(`/ws/${name}`, fragile(run), name === 'abort' ? {} : { shared: true });
  }
  app.get('/crash', async () => {
    setTimeout(() => {
      throw new Error("not a component's");
    }, 1);
    return 'soon';
  });
  console.log(JSON.stringify({ url: await app.listen({ host: '127.0.0.1', port: 0 }) }));
}
