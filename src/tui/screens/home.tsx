import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { ago } from '../../words/time.ts';
import { cell, widthOf } from '../../words/width.ts';
import type { WheelEntry } from '../backend.ts';
import { type Size, useTheme } from '../draw/layout.tsx';
import { clusterTitle } from '../draw/title.ts';
import { back, character, down, enter, help, up } from '../input/keys.ts';
import type { Controls, Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';
import { games } from './games.tsx';

const bars = '▁▂▃▄▅▆▇█';

/** The wheel: titles are symptoms, the pointer is in the middle, weights are visible. */
export const home: Screen = {
  keys: [
    character('space', 'spin', 'spin the wheel; a second press stops it early', ({ spin }) => spin.start()),
    { ...up, label: '↑↓ choose', press: (controls) => turn(controls, -1) },
    { ...down, press: (controls) => turn(controls, 1) },
    enter('play', 'play the selected scenario'),
    character('g', 'past games', 'list past games', (controls) =>
      controls.show(games, { games: controls.backend.pastGames() }),
    ),
    help,
    { ...back, label: '', help: 'cancel a game that is being prepared' },
    character('q', 'quit', 'quit; a sandbox that was started here stops too', ({ owner }) => owner.quit()),
  ],
  title: (ui) => clusterTitle(ui),
  rows: ({ wheel }) => wheel.length,
  enter: (controls) => {
    const { spinning, wheel, selected } = controls.ui();
    if (spinning) return controls.spin.land();
    const entry = wheel[selected];
    return entry && controls.session.prepare(entry);
  },
  back: ({ session }) => session.callOff(),
  render: Home,
};

/** A wheel has no end. */
function turn(controls: Controls, step: number): void {
  const { wheel, selected, spinning } = controls.ui();
  if (!spinning && wheel.length > 0)
    controls.set({ selected: (selected + step + wheel.length) % wheel.length });
}

function Home({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const theme = useTheme();
  const { wheel, selected, now } = ui;
  if (wheel.length === 0)
    return <Text>There is no scenario to play. `misfortune scenario lint` says why.</Text>;
  const slots = slotsOf(wheel.length, body);
  const half = Math.floor(slots / 2);
  const heaviest = Math.max(...wheel.map((entry) => entry.weight));
  const longest = Math.max(...wheel.map((entry) => widthOf(entry.title)));
  const width = Math.max(24, Math.min(longest, body.columns - 38));
  return (
    <Box flexDirection="column" flexGrow={1} justifyContent="center">
      {Array.from({ length: slots }, (_, slot) => slot - half).map((offset) => {
        const entry = wheel[(selected + offset + wheel.length * slots) % wheel.length] as WheelEntry;
        const pointed = offset === 0;
        const shade = '█▓▒░·'[Math.min(4, Math.abs(offset))];
        return (
          <Box key={offset} height={1} flexShrink={0}>
            <Text
              color={pointed ? theme.accent : undefined}
              dimColor={Math.abs(offset) > 1}
              bold={pointed}
              wrap="truncate-end"
            >
              {pointed ? '  ▶ ' : '    '}
              {shade} {cell(pointed ? entry.title.toUpperCase() : entry.title, width)} {difficulty(entry)}{' '}
              {weightBar(entry.weight, heaviest)} {ago(entry.lastPlayed, now)}
            </Text>
          </Box>
        );
      })}
      <Box marginTop={1} height={1}>
        <Text color={theme.quiet} wrap="truncate-end">
          {'    '}
          {body.columns < 100
            ? '● difficulty   ▁▄█ chance   at the end: last played'
            : '● difficulty   ▁▄█ chance (higher if not played lately)   at the end: last played'}
          {wheel.length > slots ? `   ${selected + 1} of ${wheel.length}` : ''}
        </Text>
      </Box>
    </Box>
  );
}

/** As many as there is room for; an odd number, so that one is in the middle. */
function slotsOf(count: number, { rows }: Size): number {
  const room = Math.max(3, Math.min(21, rows - 7));
  return Math.min(count | 1, (room - 1) | 1);
}

function difficulty({ difficulty: level }: WheelEntry): string {
  return '●'.repeat(level) + '○'.repeat(Math.max(0, 5 - level));
}

function weightBar(weight: number, heaviest: number): string {
  const step = heaviest > 0 ? Math.round((weight / heaviest) * (bars.length - 1)) : 0;
  return (bars[step] ?? ' ').repeat(2);
}
