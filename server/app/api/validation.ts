/*
 * How requests are checked against schemas, and what their types are. Texts of an address are converted to the numbers
 * that a schema asks for; a JSON body says itself what is a number, so there nothing is converted. What no schema names
 * is refused and not ignored: a misspelt filter would give a wrong list.
 */

import { Ajv } from 'ajv';
import type { FastifySchemaCompiler, FastifyTypeProvider } from 'fastify';
import type { Static, TSchema } from 'typebox';

/** For `app.withTypeProvider`: what a route's schemas say is what its handler's request has. */
export interface SchemaTypes extends FastifyTypeProvider {
  readonly validator: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
  readonly serializer: this['schema'] extends TSchema ? Static<this['schema']> : unknown;
}

const bodies = new Ajv({ allErrors: true });
const texts = new Ajv({ allErrors: true, coerceTypes: true });

export const compileSchema: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
  (httpPart === 'body' ? bodies : texts).compile(schema);
