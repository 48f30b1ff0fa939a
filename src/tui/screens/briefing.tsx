import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Line, type Size } from '../layout.tsx';
import { clean, duration, wrap } from '../text.ts';
import type { UiState } from '../ui-state.ts';

/** What the one on call knows when the page comes; the game begins with a key. */
export function Briefing({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const { game } = ui.state;
  if (!game) return <Line tone="quiet">Preparing the game …</Line>;
  const width = Math.min(88, size.columns - 4);
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line bold>{clean(game.title)}</Line>
      <Line> </Line>
      {game.briefing
        .trim()
        .split('\n')
        .flatMap((line) => wrap(clean(line), width))
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
          <Line key={index}>{line || ' '}</Line>
        ))}
      <Line> </Line>
      <Line tone="quiet">
        On call for {clean(game.owner)}. Time: {duration(game.timeout * 1000)}. Hints: {game.hints}. Cluster:{' '}
        {clean(game.cluster)}.
      </Line>
      <Line tone="quiet">
        What you do with kubectl, Prometheus and dashboards in the recorded shell (key t) is written
      </Line>
      <Line tone="quiet">
        to this game's folder on this machine: commands and changed fields, never secrets or output.
      </Line>
    </Box>
  );
}
