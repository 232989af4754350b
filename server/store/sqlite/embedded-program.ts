/*
 * The program of a SQLite file's thread, as a value of a module: whoever bundles a server has it in the bundle, where
 * no file stands beside it. `scripts/build-package.ts` writes this module anew into the package. In the repository
 * there is none, and `thread-program.ts` is read.
 */

/** CommonJS, all in one. */
export const embeddedProgram: string | undefined = undefined;
