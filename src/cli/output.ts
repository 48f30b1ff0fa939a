import { exitCodes, MisfortuneError } from '../errors.ts';

/** Prints data: as indented JSON with --json, else as the lines given. */
export function print(data: unknown, options: { json?: boolean }, lines: () => string[]): void {
  const text = options.json ? JSON.stringify(data, null, 2) : lines().join('\n');
  process.stdout.write(`${text}\n`);
}

/** How long after the first a signal is still the same one, ms: `npm start` passes on what the terminal sends to all. */
const sameSignal = 1_000;

/**
 * A signal that fires on Ctrl-C, SIGTERM and a closed terminal; its reason has exit code 130. What is under way then ends in
 * order: a SIGTERM after a Ctrl-C (or the other way round) does not cut that short, as whoever stops a job sends one after the
 * other. Only a second one of the same name, a second or more after the first, is left to the process, which it ends; where
 * the terminal is gone nobody is impatient.
 */
export function interruptSignal(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const firstAt = new Map<NodeJS.Signals, number>();
  const abort = (name: NodeJS.Signals): void => {
    const now = performance.now();
    // The reader of a pipe gets the same Ctrl-C: what is still said there is lost, and no error.
    if (firstAt.size === 0)
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    const { interrupted: exitCode } = exitCodes;
    controller.abort(new MisfortuneError('interrupted', `Interrupted by ${name}.`, { exitCode }));
    const first = firstAt.get(name) ?? now;
    firstAt.set(name, first);
    if (name === 'SIGHUP' || now - first < sameSignal) return;
    stop();
    process.kill(process.pid, name);
  };
  const stop = (): void => {
    for (const name of names) process.off(name, abort);
  };
  for (const name of names) process.on(name, abort);
  // After an interruption the process is about to end: a signal that comes on its last steps must not change how.
  const release = (): void => {
    if (!controller.signal.aborted) stop();
  };
  return { signal: controller.signal, release };
}
