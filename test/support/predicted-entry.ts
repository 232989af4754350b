// The script of the page of predicted-page.ts: it predicts what the page says when it says so.

import { predict } from '../../client-runtime/predict/predict.ts';
import { predictedList } from './predicted-list.ts';

const page = globalThis as { isletPredict?: (code?: string) => void };

page.isletPredict = (code) => predict('/ws/list/:name', predictedList, code === undefined ? {} : { code });
if (document.documentElement.hasAttribute('data-predict')) page.isletPredict();
