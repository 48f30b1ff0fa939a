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

/** A signal that fires on Ctrl-C, SIGTERM and a closed terminal; the second Ctrl-C is left to the process. */
export function interruptSignal(): { signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const names = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  const abort = (name: NodeJS.Signals): void => controller.abort(new Error(`interrupted by ${name}`));
  for (const name of names) process.once(name, abort);
  return {
    signal: controller.signal,
    release: () => {
      for (const name of names) process.off(name, abort);
    },
  };
}
