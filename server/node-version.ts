/*
 * Says which Node this package needs, before anything of it fails in a way that nobody understands. Imported first by
 * `islet/server`; it may use nothing that an old Node lacks. Input: the running Node. Output: nothing, or an error.
 */

const oldest = 24;

/** @throws Error that says what to install, where the running Node is too old. */
export function checkNodeVersion(running: string): void {
  if (Number.parseInt(running, 10) >= oldest) return;
  const cure = 'Install a newer one (https://nodejs.org, or your version manager), and look at `node --version` again.';
  throw new Error(`islet/server needs Node.js ${oldest} or newer, and this is Node.js ${running}. ${cure}`);
}

checkNodeVersion(process.versions.node);
