import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { GameState } from '../../log/state.ts';
import { cell, Line } from '../layout.tsx';
import { clean, duration } from '../text.ts';

/** For the game master alone: the plan, the oracle's checks with what they see, the time it has held. */
export function MasterView(props: {
  state: GameState;
  rows: number;
  columns: number;
  now: number;
}): ReactNode {
  const { state, rows, columns } = props;
  const { oracle, plan, game, effects } = state;
  const half = Math.floor((columns - 4) / 2);
  const operations = plan?.operations ?? [];
  return (
    <Box flexDirection="column" flexShrink={0} height={rows}>
      <Line tone="warn" bold>
        game master: {game?.scenario} playbook {game?.playbook}{' '}
        {oracle?.holds ? `oracle holds for ${duration(oracle.heldForMs)}` : 'oracle does not hold'}
      </Line>
      <Box>
        <Box flexDirection="column" width={half}>
          <Line tone="quiet">what was broken</Line>
          {operations.slice(0, rows - 3).map((operation) => (
            <Line key={operation.id} tone={operation.verified?.verdict === 'confirmed' ? undefined : 'warn'}>
              {cell(operation.verified?.verdict ?? operation.status, 12)} {clean(operation.describe)}
            </Line>
          ))}
          {effects.slice(-1).map((effect) => (
            <Line key={effect.fault} tone={effect.seen ? 'good' : 'bad'}>
              {cell(effect.seen ? 'effect' : 'no effect', 12)} {clean(effect.check.seen)} after{' '}
              {duration(effect.afterMs)}
            </Line>
          ))}
        </Box>
        <Box flexDirection="column">
          <Line tone="quiet">what the oracle sees</Line>
          {(oracle?.checks ?? []).slice(0, rows - 2).map((check) => (
            <Line key={check.id} tone={check.holds ? 'good' : 'bad'}>
              {check.holds ? '✓' : '✗'} {cell(clean(check.id), 18)} {clean(check.seen)}
            </Line>
          ))}
        </Box>
      </Box>
    </Box>
  );
}
