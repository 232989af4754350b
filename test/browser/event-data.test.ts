// What a handler is told of a form: texts as fields, and the files that were chosen.

import { expect, test } from 'vitest';
import '../../client-runtime/dom/load-parts.ts';
import { readEvent } from '../../client-runtime/dom/event-data.ts';
import { special } from '../../client-runtime/dom/parts.ts';
import { decodeListener } from '../../shared/wire/listener.ts';

await special.load();

function submit(markup: string, files: readonly File[]): ReturnType<typeof readEvent> {
  const form = document.createElement('form');
  form.innerHTML = markup;
  const input = form.querySelector<HTMLInputElement>('[type=file]');
  const chosen = new DataTransfer();
  for (const file of files) chosen.items.add(file);
  if (input) input.files = chosen.files;
  document.body.append(form);
  let data: ReturnType<typeof readEvent> = {};
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    data = readEvent(event, decodeListener(1));
  });
  form.requestSubmit();
  form.remove();
  return data;
}

test('a form gives its fields, a repeated name as a list', () => {
  const markup = '<input name="a" value="1"><input name="b" value=""><input name="b" value="2">';
  expect(submit(markup, [])).toMatchObject({ fields: { a: '1', b: ['', '2'] }, files: [] });
});

test('a form gives its files as they are, and their names as texts', () => {
  const [one, two] = [new File(['x'], 'one.txt'), new File(['yy'], 'two.txt')];
  const data = submit('<input name="title" value="t"><input name="docs" type="file" multiple>', [one, two]);
  expect(data.fields).toEqual({ title: 't', docs: ['one.txt', 'two.txt'] });
  expect(data.files?.map(([name, file]) => [name, file instanceof File, file.name, file.size])).toEqual([
    ['docs', true, 'one.txt', 1],
    ['docs', true, 'two.txt', 2],
  ]);
});

test('a field in which no file was chosen is empty', () => {
  expect(submit('<input name="doc" type="file">', [])).toMatchObject({ fields: { doc: '' }, files: [] });
});
