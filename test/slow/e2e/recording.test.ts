import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { packageRoot } from '../../../src/paths.ts';
import { Place, startingMs } from './place.ts';
import { Screen } from './screen.ts';

/**
 * Plays haymaker by hand: the interface in one terminal, a recorded shell with kubectl in another. With
 * MISFORTUNE_RECORD=1 what was on the screens is kept in docs/recording.md.
 */
const file = join(packageRoot, 'docs/recording.md');
const frames: string[] = [];
const keep = (caption: string, frame: string) =>
  frames.push(
    `## ${frames.length + 1}. ${caption}\n\n\`\`\`text\n${frame.replace(/[ \t]+$/gm, '')}\n\`\`\`\n`,
  );

let place: Place;
const terminals: Screen[] = [];
const opened = (terminal: Screen) => {
  terminals.push(terminal);
  return terminal;
};
beforeAll(async () => {
  place = new Place(5);
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());
// A game that is left ends itself, and restores: the next attempt finds none that runs.
afterEach(async () => {
  for (const terminal of terminals) terminal.close();
  await Promise.all(terminals.map(({ ended }) => ended));
});

it('plays haymaker from the wheel to the scorecard, with kubectl in a second terminal', async () => {
  const screen = opened(Screen.misfortune(['play', 'haymaker', '--speed', String(place.speed)], place.env));
  keep('The wheel', await screen.shows(/paying takes forever/i));
  screen.type('\r');
  keep('The briefing', await screen.shows('On call for'));
  screen.type('\r');
  await screen.shows(/baseline|BASELINE|[Ww]atch|inject/);
  keep('The game has begun', await screen.text());
  keep('The first alert fires', await screen.shows('CheckoutLatencyHigh'));
  screen.type('a');
  const shell = opened(
    new Screen(
      process.execPath,
      [join(packageRoot, 'src/launch.mjs'), 'join', '--yes'],
      { ...place.env, SHELL: '/bin/bash', HOME: place.home, PS1: '$ ' },
      100,
      40,
    ),
  );
  const command = async (line: string, shows: RegExp) => {
    shell.type(`clear; ${line}\r`);
    await shell.shows(shows);
    await new Promise((resolve) => setTimeout(resolve, 500));
    return shell.text();
  };
  await shell.shows('(sandbox)');
  keep('In the second terminal: pods', await command('kubectl top pods -A', /report-export-\S+ .*Mi/));
  keep(
    'The Job that nobody spoke of',
    await command('kubectl -n batch describe job report-export', /Events:[\s\S]*Created pod/),
  );
  screen.type('d');
  await screen.choose('shop-overview');
  screen.type('\r');
  keep('A dashboard, drawn in the terminal', await screen.shows('Inbound by client'));
  screen.type('\u001b');
  await screen.shows('shop-overview');
  screen.type('\u001b');
  keep('It is stopped', await command('kubectl -n batch delete job report-export', /deleted/));
  shell.type('clear; misfortune diagnose --origin job.batch/batch/report-export --mechanism load\r');
  keep('Healthy again', await screen.shows(/Checkout p95 +\d+ ms/));
  // The oracle holds for its window first; two minutes later the game would end by itself.
  shell.type('clear; until misfortune resolve; do sleep 1; done\r');
  keep('The scorecard', await screen.shows(/\(haymaker\) +mitigated +restored, verified/, 120_000));
  shell.type('exit\r');
  await shell.ended;
  screen.type('\r');
  await screen.shows('space spin');
  screen.type('q');
  await screen.ended;
  expect(screen.isAlternate).toBe(false);
  if (!process.env.MISFORTUNE_RECORD) return;
  mkdirSync(dirname(file), { recursive: true });
  const heading = [
    '# A game, as it was on the screen',
    '',
    'Frames of one real game of haymaker in a terminal of 100×30, five times as fast as it is played; made by',
    '`MISFORTUNE_RECORD=1 npm run test:slow -- test/slow/e2e/recording.test.ts`.',
    '',
  ];
  // Where this machine keeps the project is nobody's business.
  writeFileSync(file, `${heading.join('\n')}\n${frames.join('\n')}`.replaceAll(packageRoot, '~'));
}, 400_000);
