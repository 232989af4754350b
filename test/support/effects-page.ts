// A page whose buttons carry out effects, for test/e2e/effects.test.ts: what they tell is listed.

import { type AnyMessage, clipboard, type Effect, type HttpError, http, storage } from '../../shared/index.ts';
import { startProbe } from './probe.ts';

const failed = ({ kind }: { kind: string }) => ({ type: 'Failed', kind });
const request = {
  decode: (json: unknown) => json,
  onSuccess: (value: unknown) => ({ type: 'Returned', value }),
  onError: (error: HttpError) => failed(error),
};

const effects: Record<string, Effect<AnyMessage>> = {
  Ask: http.get('/api', request),
  'Ask abroad': http.get(`${location.origin.replace('127.0.0.1', 'localhost')}/api`, request),
  'Ask for ever': http.get('/never', request),
  Send: http.post('/api', { ...request, body: { score: 7 } }),
  Upload: http.post('/upload', { ...request, body: form() }),
  Copy: clipboard.write('Cowboy Bebop', {
    onSuccess: () => ({ type: 'Copied' }),
    onError: (problem) => ({ type: 'Failed', kind: problem.split(':')[0] }),
  }),
  Write: storage.write('key', 'value', { onSuccess: () => ({ type: 'Written' }), onError: failed }),
  Read: storage.read('key', { decode: String, onSuccess: (value) => ({ type: 'Read', value }), onError: failed }),
};

const root = document.querySelector('main') as HTMLElement;
const probe = startProbe(root);
for (const [name, effect] of Object.entries(effects)) addButton(name, () => probe.run(effect));
addButton('Stop', () => probe.stop());

function addButton(name: string, run: () => void): void {
  const button = Object.assign(document.createElement('button'), { textContent: name });
  button.addEventListener('click', run);
  document.body.append(button);
}

function form(): FormData {
  const data = new FormData();
  data.append('title', 'Cowboy Bebop');
  return data;
}
