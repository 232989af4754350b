/*
 * The scripts that pages load without a bundler, as values of a module: whoever bundles a server has them in the
 * bundle. `scripts/build-package.ts` writes this module anew into the package. In the repository there are none, and
 * the files that `npm run build` made are read.
 */

/** One script in both encodings, as base64. */
export interface EmbeddedScript {
  readonly br: string;
  readonly gz: string;
}

export const embeddedScripts: { readonly [name: string]: EmbeddedScript } | undefined = undefined;
