import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { engineFigures } from './engine.ts';
import { gradingFigures } from './grading.ts';
import { loadFigures } from './load.ts';
import type { Figure } from './measure.ts';
import { sandboxFigures } from './sandbox.ts';
import { firstFrame } from './screens.ts';
import { soakFigures } from './soak.ts';
import { table } from './table.ts';

/**
 * `npm run bench`: measures on this machine, now, and prints; nothing is asserted. `npm run bench soak` is asked for by
 * name only: it takes two hours.
 */
const home = mkdtempSync(join(tmpdir(), 'bench-'));
const figures: Figure[] = [];
const sections: [string, () => Promise<Figure[]>][] = [
  ['sandbox', () => sandboxFigures(home)],
  ['engine', () => engineFigures(home)],
  ['screens', () => firstFrame(home)],
  ['load', loadFigures],
  ['grading', gradingFigures],
  ['soak', () => soakFigures(home)],
];
try {
  for (const [name, run] of sections) {
    if (process.argv.length > 2 ? !process.argv.includes(name) : name === 'soak') continue;
    process.stderr.write(`${name} …\n`);
    figures.push(...(await run()));
  }
  process.stdout.write(
    `Node ${process.versions.node}, ${process.platform} ${process.arch}. Median (min–max).\n\n${table(figures).join('\n')}\n`,
  );
} finally {
  rmSync(home, { recursive: true, force: true });
}
