/*
 * What all servers of the measurement do alike: take `--port N` and say where they listen.
 * The driver waits for this line; the time until it appears is the server's start time.
 */

/** The port asked for by `--port`; 0 lets the system choose one. */
export function portArgument(): number {
  const index = process.argv.indexOf('--port');
  return index < 0 ? 0 : Number(process.argv[index + 1]);
}

/** Says that the server is ready. */
export function announce(port: number): void {
  console.log(`listening on http://127.0.0.1:${port}`);
}
