/*
 * Fields of a form as a handler wants them. Input: what a browser sent, which may be anything by any name, and what
 * `on` was told of: names, or kinds. Output: all of these and no others, each of its kind, whatever was sent.
 */

/** What a form holds: texts by name. A name that several have gives a list, a file its name. */
export type FormFields = { readonly [name: string]: string | readonly string[] };

/**
 * What a field is read as. `text`: a string, empty where nothing came; of several with one name, the last. `list`: all
 * with this name. `flag`: whether it came at all, as of a box that is ticked. `number`: null for what is none, or empty.
 */
export type FieldKind = 'text' | 'list' | 'flag' | 'number';

/** Which fields count: by name, each of which is a text, or with their kinds. */
export type WantedFields = readonly string[] | { readonly [name: string]: FieldKind };

interface ValueOf {
  readonly text: string;
  readonly list: readonly string[];
  readonly flag: boolean;
  readonly number: number | null;
}

/** What a handler gets of the fields that it named. */
export type FieldsOf<Wanted extends WantedFields> = Wanted extends readonly (infer Name extends string)[]
  ? { readonly [name in Name]: string }
  : { readonly [Name in keyof Wanted]: Wanted[Name] extends FieldKind ? ValueOf[Wanted[Name]] : never };

const readers: { readonly [Kind in FieldKind]: (texts: readonly string[]) => ValueOf[Kind] } = {
  text: (texts) => texts.at(-1) ?? '',
  list: (texts) => texts,
  flag: (texts) => texts.length > 0,
  number(texts) {
    const text = texts.at(-1) ?? '';
    const number = Number(text);
    return text.trim() && Number.isFinite(number) ? number : null;
  },
};

// a bundle leaves it out that does not use it
export const fieldKinds = /* @__PURE__ */ Object.keys(readers) as readonly FieldKind[];

export function fieldNames(wanted: WantedFields): readonly string[] {
  return Array.isArray(wanted) ? wanted : Object.keys(wanted);
}

/** Reads fields. What was not sent is an empty text, an empty list, false or null. */
export function readFields(
  given: FormFields = {},
  wanted: WantedFields,
): { readonly [name: string]: ValueOf[FieldKind] } {
  const read = (name: string): ValueOf[FieldKind] => {
    const kind = Array.isArray(wanted) ? 'text' : (wanted as { readonly [name: string]: FieldKind })[name];
    return readers[kind ?? 'text'](Object.hasOwn(given, name) ? [given[name] ?? []].flat() : []);
  };
  return Object.fromEntries(fieldNames(wanted).map((name) => [name, read(name)]));
}
