// The script of the page of predicted-moments.test.ts: predicts when the page says so, by code that comes later.

import { predict } from '../../client-runtime/predict/predict.ts';
import { moments } from './predicted-moments.ts';

const { promise, resolve } = Promise.withResolvers<void>();
Object.assign(globalThis, {
  askForCode: () => predict('/ws/moments/:name', () => promise.then(() => moments)),
  giveCode: resolve,
});
