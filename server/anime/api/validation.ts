/*
 * How requests are checked against schemas, and what their types are. Texts of an address are converted to the whole
 * numbers that a schema asks for, where they are spelt as one spells them: an anime has one address, and not also `/01`
 * or `/0x1`. A JSON body says itself what is a number. What no schema names is refused and not ignored: a misspelt filter
 * would give a wrong list.
 */

import { Ajv } from 'ajv';
import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify';
import type { Static, TSchema } from 'typebox';

/** For `app.withTypeProvider`: what a route's schemas say is what its handler's request has. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

const ajv = new Ajv({ allErrors: true });
const wholeNumber = /^(0|-?[1-9]\d*)$/;

export const compileSchema: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) => {
  const check = ajv.compile(schema);
  if (httpPart === 'body') return check;
  const { properties = {} } = schema as {
    readonly properties?: { readonly [name: string]: { readonly type?: unknown } };
  };
  const numbers = Object.keys(properties).filter((name) => properties[name]?.type === 'integer');
  return (texts: Record<string, unknown>) => {
    for (const name of numbers) {
      const text = texts[name];
      if (typeof text === 'string' && wholeNumber.test(text)) texts[name] = Number(text);
    }
    return check(texts) || { error: check.errors ?? [] };
  };
};
