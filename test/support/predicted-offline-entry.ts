// The script of pages whose lists are predicted and kept offline (predicted-offline.ts).

import { predict } from '../../client-runtime/predict/predict.ts';
import { predictedList } from './predicted-list.ts';

/** The test hears what the page is told, also of pages that are no more; else it stays where it can be read. */
const told =
  (globalThis as { told?: (name: string, detail: string) => void }).told ??
  ((name, detail) => sessionStorage.setItem(`told ${sessionStorage.length}`, `${name} ${detail}`));

for (const name of ['islet:refused', 'islet:dropped', 'islet:unkept']) {
  addEventListener(name, (event) => {
    const { targets, ...detail } = (event as CustomEvent<{ readonly targets?: unknown }>).detail;
    told(name, JSON.stringify(detail));
  });
}
const { maxAgeMs, maxLength } = document.documentElement.dataset;
predict('/ws/list/:name', predictedList, {
  offline: { ...(maxAgeMs && { maxAgeMs: Number(maxAgeMs) }), ...(maxLength && { maxLength: Number(maxLength) }) },
});
