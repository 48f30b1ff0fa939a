import { program } from '../paths.ts';
import { type Figure, spread } from './measure.ts';

/** Time from the start of the process to the first frame, in a real pseudo-terminal. */
export async function firstFrame(home: string): Promise<Figure[]> {
  const { spawn } = await import('@lydell/node-pty');
  const times: number[] = [];
  for (let round = 0; round < 5; round++) {
    times.push(
      await new Promise<number>((resolve) => {
        const start = performance.now();
        const screen = spawn(process.execPath, [program('cli.js'), 'play'], {
          cols: 100,
          rows: 30,
          env: { ...process.env, MISFORTUNE_HOME: `${home}/frame-${round}` },
        });
        let text = '';
        let shown = Number.NaN;
        screen.onData((chunk) => {
          text += chunk;
          if (!text.includes('WHEEL OF MISFORTUNE')) return;
          shown = performance.now() - start;
          text = '';
          screen.write('\u0003');
        });
        // What it started is gone by then, and does not hold up the next one.
        screen.onExit(() => resolve(shown));
      }),
    );
  }
  return [
    {
      what: 'time to first frame',
      value: spread(times, 'ms'),
      how: '5 starts of `misfortune play` in a pseudo-terminal',
    },
  ];
}
