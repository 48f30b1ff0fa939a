import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import type { GameState } from '../../../log/state.ts';
import { clean } from '../../../words/clean.ts';
import { quantity } from '../../../words/number.ts';
import { cell, widthOf } from '../../../words/width.ts';
import { useTheme } from '../../draw/layout.tsx';
import { sparkline } from '../../sparkline.ts';

/** A signal: its value now, its curve, its objective. */
export function SignalLine(props: {
  state: GameState;
  signal: NonNullable<GameState['game']>['signals'][number];
  columns: number;
}): ReactNode {
  const theme = useTheme();
  const { signal, state } = props;
  const points = state.signals[signal.id] ?? [];
  const value = points.at(-1)?.[1] ?? null;
  const { below, above } = signal.objective ?? {};
  const breached =
    value !== null && ((below !== undefined && value >= below) || (above !== undefined && value <= above));
  // The titles have what they need, as far as the room goes; the curves have the rest.
  const longest = Math.max(...(state.game?.signals ?? []).map((one) => widthOf(clean(one.title))));
  const title = Math.max(22, Math.min(longest + 1, props.columns - 78));
  const curve = Math.max(10, props.columns - title - 32);
  const objective =
    below !== undefined
      ? `below ${quantity(below, signal.unit)}`
      : above !== undefined
        ? `above ${quantity(above, signal.unit)}`
        : '';
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate-end">
        {cell(clean(signal.title), title - 1)}{' '}
        <Text bold color={breached ? theme.bad : signal.objective ? theme.good : undefined}>
          {cell(quantity(value, signal.unit), 10)}
        </Text>
        <Text color={breached ? theme.bad : theme.accent}>{cell(sparkline(points, curve), curve)}</Text>
        <Text color={theme.quiet}>{`  ${objective}`}</Text>
      </Text>
    </Box>
  );
}
