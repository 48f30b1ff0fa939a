// What programs of ours have in common that run alone in a container. Their texts can be read by anybody who looks at the
// pod, so they name what they do and not what for.

/** A number of the container's environment. Throws of what is no number >= 0. */
export function numberFromEnv(name: string, fallback: number): number {
  const value = Number(process.env[name] || fallback);
  if (!Number.isFinite(value) || value < 0)
    throw new Error(`Expected ${name} to be a number >= 0, got "${process.env[name]}".`);
  return value;
}

/** A signal that fires on SIGTERM and SIGINT. */
export function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort());
  return stop.signal;
}

/**
 * Told to stop is not done: with 0 a Job would count a deleted pod as a completion and not start another.
 * 143 is what a program without a handler ends with.
 */
export const STOPPED_EXIT_CODE = 143;

/** One JSON object on a line of stdout. */
export function print(message: string, fields: object): void {
  process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), msg: message, ...fields })}\n`);
}

/** Runs it to its end and ends the process with its exit code, or with 1 and the error. */
export function runProgram(main: () => Promise<number>): void {
  main().then(
    (code) => process.exit(code),
    (error: unknown) => {
      print('failed', { error: error instanceof Error ? error.message : String(error) });
      process.exit(1);
    },
  );
}
