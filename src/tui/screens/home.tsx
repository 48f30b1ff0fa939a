import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { WheelEntry } from '../backend.ts';
import { cell, type Size, useTheme } from '../layout.tsx';
import { ago } from '../text.ts';
import type { UiState } from '../ui-state.ts';

const bars = '▁▂▃▄▅▆▇█';

/** The wheel: titles are symptoms, the pointer is in the middle, weights are visible. */
export function Home({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const theme = useTheme();
  const { wheel, selected, now } = ui;
  if (wheel.length === 0)
    return <Text>There is no scenario to play. `misfortune scenario lint` says why.</Text>;
  const slots = Math.min(wheel.length, Math.max(3, Math.min(9, size.rows - 12)) | 1);
  const half = Math.floor(slots / 2);
  const heaviest = Math.max(...wheel.map((entry) => entry.weight));
  const width = Math.max(24, Math.min(44, size.columns - 40));
  return (
    <Box flexDirection="column" flexGrow={1} justifyContent="center">
      {Array.from({ length: slots }, (_, slot) => slot - half).map((offset) => {
        const entry = wheel[(selected + offset + wheel.length * slots) % wheel.length] as WheelEntry;
        const pointed = offset === 0;
        const shade = ['█', '▓', '▒', '░', '·'][Math.min(4, Math.abs(offset))];
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
          {size.columns < 90
            ? '    difficulty ●●●○○   chance ▁…█   last played'
            : '    difficulty ●●●○○   chance ▁…█ (not played lately weighs more)   last played'}
        </Text>
      </Box>
    </Box>
  );
}

function difficulty({ difficulty: level }: WheelEntry): string {
  return '●'.repeat(level) + '○'.repeat(Math.max(0, 5 - level));
}

function weightBar(weight: number, heaviest: number): string {
  const step = heaviest > 0 ? Math.round((weight / heaviest) * (bars.length - 1)) : 0;
  return (bars[step] ?? ' ').repeat(2);
}
