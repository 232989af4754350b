// The script of the page of predicted-page.ts: it predicts what the page says when it says so.

import { predict } from '../../client-runtime/predict/predict.ts';
import { predictedList } from './predicted-list.ts';

const page = globalThis as {
  isletPredict?: (code?: string) => void;
  isletPredictLater?: (failures: number) => void;
};

page.isletPredict = (code) => predict('/ws/list/:name', predictedList, code === undefined ? {} : { code });

/** By code that cannot be loaded at first. */
page.isletPredictLater = (failures) => {
  let left = failures;
  predict('/ws/list/:name', async () => {
    if (left-- > 0) throw new TypeError('nothing was loaded');
    return { default: predictedList };
  });
};
if (document.documentElement.hasAttribute('data-predict')) page.isletPredict();
