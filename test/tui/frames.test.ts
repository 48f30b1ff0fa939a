import { afterEach, expect, it, vi } from 'vitest';
import { endAll, start } from './scripted-game.ts';
import { type Frame, walk } from './walk.ts';

// What decides about colours looks at the environment once, when it is loaded.
vi.hoisted(() => {
  process.env.FORCE_COLOR = '1';
});

afterEach(endAll);

it.each([
  [80, 24],
  [120, 36],
])(
  'draws every screen at %i×%i cell by cell as before, in its colours, and with NO_COLOR without',
  async (columns, rows) => {
    const [frames, plain] = await Promise.all([
      walk({ columns, rows, env: {} }),
      walk({ columns, rows, env: { NO_COLOR: '1' } }),
    ]);
    for (const { name, text, colours } of frames)
      await expect(`${text}\n${colours.join('\n')}\n`).toMatchFileSnapshot(
        `frames/${columns}x${rows}/${name}.txt`,
      );
    const textOf = ({ name, text }: Frame): [string, string] => [name, text];
    expect(plain.map(textOf)).toEqual(frames.map(textOf));
    expect(new Set(plain.flatMap(({ colours }) => colours.map((run) => run.slice(4, 15).trim())))).toEqual(
      new Set(['bold', 'dim']),
    );
  },
);

/** As the catalogue has them: many, of all lengths, some in wide letters. */
const catalogue = Array.from({ length: 45 }, (_, index) => ({
  name: `story-${index}`,
  title: ['Paying takes forever', 'Half of the shops cannot log in since noon', '昨日の在庫', 'Slow'][
    index % 4
  ]!,
  difficulty: 1 + (index % 5),
  weight: (1 + (index % 7)) / 180,
  ...(index % 3 > 0 && { lastPlayed: index * 10_000_000 }),
}));

it.each([
  [80, 24],
  [120, 36],
  [200, 50],
])('draws a wheel of 45 at %i×%i, with as many as there is room for', async (columns, rows) => {
  const { terminal } = start({ columns, rows, wheel: catalogue });
  await terminal.shows('shop healthy');
  await expect(`${(await terminal.lines()).join('\n')}\n`).toMatchFileSnapshot(
    `frames/${columns}x${rows}/home with 45.txt`,
  );
});
