/** Prints data: as indented JSON with --json, else as the lines given. */
export function print(data: unknown, options: { json?: boolean }, lines: () => string[]): void {
  const text = options.json ? JSON.stringify(data, null, 2) : lines().join('\n');
  process.stdout.write(`${text}\n`);
}

/** Rows of text as aligned columns; the last one is not padded. */
export function table(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((text, column) => Math.max(all[column] ?? 0, [...text].length)),
    [],
  );
  return rows.map((row) =>
    row
      .map((text, column) =>
        column === row.length - 1 ? text : text + ' '.repeat((widths[column] ?? 0) - [...text].length),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** How long after the first a signal is still the same one, ms: `npm start` passes on what the terminal sends to all. */
const sameSignal = 1_000;

/**
 * A signal that fires on Ctrl-C, SIGTERM and a closed terminal. A second Ctrl-C is left to the process; where the terminal is
 * gone nobody is impatient.
 */
export function interruptSignal(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  let firstAt: number | undefined;
  const abort = (name: NodeJS.Signals): void => {
    // The reader of a pipe gets the same Ctrl-C: what is still said there is lost, and no error.
    if (firstAt === undefined)
      for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
    firstAt ??= performance.now();
    controller.abort(new Error(`interrupted by ${name}`));
    if (name === 'SIGHUP' || performance.now() - firstAt < sameSignal) return;
    release();
    process.kill(process.pid, name);
  };
  const release = (): void => {
    for (const name of names) process.off(name, abort);
  };
  for (const name of names) process.on(name, abort);
  return { signal: controller.signal, release };
}
