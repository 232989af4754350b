// Holds the catalogue of errors (shared/language/errors.ts) and its documentation (docs/errors.md) equal: the same
// codes, public messages and close codes on both sides, and for each code what causes it and what to do.

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { closeCode, type ErrorCode, errorCatalogue, toError } from '../shared/language/errors.ts';
import { IsletError } from '../shared/language/islet-error.ts';

interface Entry {
  readonly code: string;
  readonly message: string | undefined;
  readonly close: number | undefined;
  readonly text: string;
}

const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
const entries = page
  .split(/^(?=##)/m)
  .filter(isEntry)
  .map(toEntry);
const codes = Object.keys(errorCatalogue) as ErrorCode[];

describe('the catalogue of errors', () => {
  test('has the codes of its page, in the same order, each once', () => {
    expect(entries.map((entry) => entry.code)).toEqual(codes);
  });

  test.each(codes)('says of %s what its page says', (code) => {
    const entry = entries.find((each) => each.code === code);
    expect(entry?.message).toBe(errorCatalogue[code].message);
    expect(entry?.close).toBe(closeCode(code));
  });

  test.each(entries)('has a cause and a cure for $code', ({ text }) => {
    expect(text).toMatch(/^Cause: \S/m);
    expect(text).toMatch(/^Cure: \S/m);
  });

  test('has close codes that an endpoint may send', () => {
    for (const close of codes.map(closeCode).filter((each) => each !== undefined)) {
      expect([1003, 1008, 1009, 1011, 1012, 1013].includes(close) || (close >= 4000 && close < 5000)).toBe(true);
    }
  });
});

describe('an error of the catalogue', () => {
  test('keeps its code, its cause, and what the programmer must know', () => {
    const cause = new Error('disk full');
    const error = new IsletError('ISLET_ERR_ROUTE', "'/x' has a component already", { cause });
    expect(error).toMatchObject({ name: 'IsletError', code: 'ISLET_ERR_ROUTE', cause });
    expect(error.message).toBe("ISLET_ERR_ROUTE: '/x' has a component already");
  });

  test('says its public message where there is no more to say', () => {
    expect(toError('ISLET_ERR_NOT_JOINED').message).toContain(errorCatalogue.ISLET_ERR_NOT_JOINED.message);
  });
});

function isEntry(section: string): boolean {
  return section.startsWith('### ');
}

function toEntry(section: string): Entry {
  const close = /^Close code: (\d+)$/m.exec(section)?.[1];
  return {
    code: /^### (.*)$/m.exec(section)?.[1] ?? '',
    message: /^> (.*)$/m.exec(section)?.[1],
    close: close === undefined ? undefined : Number(close),
    text: section,
  };
}
