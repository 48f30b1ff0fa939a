import { Box } from 'ink';
import { type ReactNode, useMemo } from 'react';
import { type StepStatus, stepStates } from '../../../grade/playbook/steps.ts';
import { clean } from '../../../words/clean.ts';
import { clock } from '../../../words/time.ts';
import { cell } from '../../../words/width.ts';
import { Line } from '../../draw/layout.tsx';
import type { Theme } from '../../draw/theme.ts';
import type { Controls } from '../../screen.ts';
import type { UiState } from '../../state/ui-state.ts';

/** How a step of the playbook stands: a mark and its meaning by colour. */
const marks: Record<StepStatus, { mark: string; tone?: keyof Theme }> = {
  done: { mark: '✓', tone: 'good' },
  early: { mark: '◐', tone: 'warn' },
  open: { mark: '○' },
  overdue: { mark: '!', tone: 'bad' },
  impossible: { mark: '✗', tone: 'bad' },
  missing: { mark: '✗', tone: 'bad' },
  'n/a': { mark: '·', tone: 'quiet' },
  'not observable': { mark: '?', tone: 'quiet' },
};

/** For the game master alone: the plan, the playbook as a checklist that fills, what the oracle sees. */
export function MasterView({ ui, rows, columns }: { ui: UiState; rows: number; columns: number }): ReactNode {
  const { state, playbook } = ui;
  const { oracle, plan, game, effects } = state;
  const steps = useMemo(() => (playbook ? stepStates(playbook, state) : []), [playbook, state]);
  const width = Math.floor((columns - 2) / 3);
  const held = oracle?.holds ? `oracle holds for ${clock(oracle.heldForMs)}` : 'oracle does not hold';
  return (
    <Box flexDirection="column" flexShrink={0} height={rows}>
      <Line tone="warn" bold>{`game master: ${game?.scenario}   ${held}`}</Line>
      <Box>
        <Box flexDirection="column" width={width} flexShrink={0} paddingRight={1}>
          <Line tone="quiet">what was broken</Line>
          {(plan?.operations ?? []).slice(0, rows - 3).map((operation) => (
            <Line key={operation.id} tone={operation.verified?.verdict === 'confirmed' ? undefined : 'warn'}>
              {`${operation.verified?.verdict ?? operation.status}: ${clean(operation.describe)}`}
            </Line>
          ))}
          {effects.slice(-1).map((effect) => (
            <Line key={effect.fault} tone={effect.seen ? 'good' : 'bad'}>
              {`${effect.seen ? 'effect' : 'no effect'}: ${clean(effect.check.seen)} after ${clock(effect.afterMs)}`}
            </Line>
          ))}
        </Box>
        <Box flexDirection="column" width={width} flexShrink={0} paddingRight={1}>
          <Line tone="quiet">{`playbook ${clean(game?.playbook ?? '')}`}</Line>
          {steps.slice(0, rows - 2).map((step) => (
            <Line key={step.id} tone={marks[step.status].tone}>
              {`${marks[step.status].mark} ${clean(step.id)}`}
            </Line>
          ))}
        </Box>
        <Box flexDirection="column" width={width} flexShrink={0}>
          <Line tone="quiet">what the oracle sees</Line>
          {(oracle?.checks ?? []).slice(0, rows - 2).map((check) => (
            <Line key={check.id} tone={check.holds ? 'good' : 'bad'}>
              {`${check.holds ? '✓' : '✗'} ${cell(clean(check.id), 16)} ${clean(check.seen)}`}
            </Line>
          ))}
        </Box>
      </Box>
    </Box>
  );
}

/** On after a yes, off at once. */
export function toggleMaster(controls: Controls): void {
  if (controls.ui().master) return controls.set({ master: false });
  controls.prompt.confirm("The game master's view shows what was broken. Open it?", () =>
    controls.set({ master: true }),
  );
}
