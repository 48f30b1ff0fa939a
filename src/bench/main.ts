import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backtestFigures } from './backtest.ts';
import { engineFigures } from './engine.ts';
import { gradingFigures } from './grading.ts';
import { loadFigures } from './load.ts';
import type { Figure } from './measure.ts';
import { promqlFigures, SERVE } from './promql.ts';
import { servePromql } from './promql-server.ts';
import { sandboxFigures } from './sandbox.ts';
import { firstFrame } from './screens.ts';
import { soakFigures } from './soak.ts';
import { table } from './table.ts';

/**
 * `npm run bench`: measures on this machine, now, and prints; nothing is asserted. `npm run bench soak` is asked for by
 * name only: it takes two hours.
 */
if (process.argv[2] === SERVE) await servePromql();
else await measure();

async function measure(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'bench-'));
  // A sandbox ends when its folder is gone.
  process.once('exit', () => rmSync(home, { recursive: true, force: true }));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const figures: Figure[] = [];
  const sections: [string, () => Promise<Figure[]>][] = [
    ['sandbox', () => sandboxFigures(home)],
    ['engine', () => engineFigures(home)],
    ['screens', () => firstFrame(home)],
    ['load', loadFigures],
    ['grading', gradingFigures],
    ['backtest', () => backtestFigures(home)],
    ['promql', () => promqlFigures(home)],
    ['soak', () => soakFigures(home)],
  ];
  for (const [name, run] of sections) {
    if (process.argv.length > 2 ? !process.argv.includes(name) : name === 'soak') continue;
    process.stderr.write(`${name} …\n`);
    figures.push(...(await run()));
  }
  process.stdout.write(
    `Node ${process.versions.node}, ${process.platform} ${process.arch}. Median (min–max).\n\n${table(figures).join('\n')}\n`,
  );
}
