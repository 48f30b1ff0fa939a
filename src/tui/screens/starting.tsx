import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { clean } from '../../words/clean.ts';
import { cell } from '../../words/width.ts';
import { Line, useTheme } from '../draw/layout.tsx';
import { clusterTitle } from '../draw/title.ts';
import { character, help, nothing } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';

/** The cluster on its way up: which component, how far. */
export const starting: Screen = {
  keys: [character('q', 'quit', 'stop the start-up and quit', ({ owner }) => owner.quit()), help],
  title: (ui) => clusterTitle(ui),
  rows: () => 0,
  enter: nothing,
  back: nothing,
  render: Starting,
};

function Starting({ ui }: { ui: UiState }): ReactNode {
  const theme = useTheme();
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line>
        {ui.target === undefined
          ? 'A staging cluster is starting on this machine. Nothing leaves this machine.'
          : `Checking the cluster ${clean(ui.target)}. Nothing in it changes before a game begins.`}
      </Line>
      <Text> </Text>
      {ui.steps.map((step) => {
        const done = step.total > 0 && step.done >= step.total;
        return (
          <Box key={step.component} height={1} flexShrink={0}>
            <Text color={done ? theme.good : theme.accent} wrap="truncate-end">
              {done ? '✓' : '…'} {cell(step.component, 22)} {bar(step.done, step.total)}{' '}
              {step.total > 1 ? `${step.done}/${step.total}` : ''} {step.detail ?? ''}
            </Text>
          </Box>
        );
      })}
    </Box>
  );
}

function bar(done: number, total: number): string {
  const filled = total > 0 ? Math.round((Math.min(done, total) / total) * 16) : 0;
  return '━'.repeat(filled) + '╌'.repeat(16 - filled);
}
