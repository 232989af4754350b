// The script of the page of predicted-page.ts: it predicts what the page says when it says so.

import { predict } from '../../client-runtime/predict/predict.ts';
import { component, effect } from '../../shared/index.ts';
import { type ListMessage, type ListModel, listView, predictedList, updateList } from './predicted-list.ts';

const page = globalThis as {
  isletPredict?: (code?: string) => void;
  isletPredictNext?: () => void;
  isletPredictLater?: (failures: number) => void;
};

page.isletPredict = (code) => predict('/ws/list/:name', predictedList, code === undefined ? {} : { code });

/** Another version of the code: one tick ticks all. */
const nextList = component<ListModel, ListMessage>({
  init: () => [{ rows: [], draft: '' }, effect.none],
  update(model, message) {
    if (message.type !== 'Toggled') return [updateList(model, message), effect.none];
    return [{ ...model, rows: model.rows.map((row) => ({ ...row, isDone: true })) }, effect.none];
  },
  view: listView,
});
page.isletPredictNext = () => predict('/ws/list/:name', nextList);

/** By code that cannot be loaded at first. */
page.isletPredictLater = (failures) => {
  let left = failures;
  predict('/ws/list/:name', async () => {
    if (left-- > 0) throw new TypeError('nothing was loaded');
    return { default: predictedList };
  });
};
if (document.documentElement.hasAttribute('data-predict')) page.isletPredict();
