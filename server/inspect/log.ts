/*
 * Where a server's parts write what happens: one line each. Fastify's logger (pino) is one.
 * Input: details and a message. Output: the logger's.
 */

export interface Log {
  error(details: object, message: string): void;
  warn(details: object, message: string): void;
  info(details: object, message: string): void;
}
