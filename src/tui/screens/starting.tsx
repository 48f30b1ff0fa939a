import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { cell, Line, useTheme } from '../layout.tsx';
import { clean } from '../text.ts';
import type { UiState } from '../ui-state.ts';

/** The cluster on its way up: which component, how far. */
export function Starting({ ui }: { ui: UiState }): ReactNode {
  const theme = useTheme();
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line>
        {ui.target === undefined
          ? 'A staging cluster is starting on this machine. Nothing leaves it.'
          : `Looking at the cluster ${clean(ui.target)}. Nothing is changed in it before a game begins.`}
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
