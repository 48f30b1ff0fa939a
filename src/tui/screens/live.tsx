import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { acknowledgementsOf } from '../../log/acknowledgements.ts';
import type { GameState } from '../../log/state.ts';
import { cell, Line, type Size, useTheme } from '../layout.tsx';
import { sparkline } from '../sparkline.ts';
import { clean, duration, quantity, wrap } from '../text.ts';
import type { UiState } from '../ui-state.ts';
import { AlertLine } from './alert-line.tsx';
import { MasterView } from './master.tsx';

/** The page, the signals, what was done. Nothing here gives the fault away; the game master's part is apart. */
export function Live({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const { state } = ui;
  const master = ui.master ? Math.min(14, Math.floor(size.rows / 2) - 2) : 0;
  const signals = state.game?.signals ?? [];
  // An answer, a hint or a refused claim stands below the alert, where people look; a prompt has the foot for itself.
  const { text, tone } = ui.message ?? afterRestore(state) ?? { text: ' ' };
  const said = wrap(ui.prompt ? ' ' : text, size.columns - 2).slice(0, 3);
  const left = Math.max(3, size.rows - 7 - said.length - signals.length - master);
  return (
    <Box flexDirection="column" flexGrow={1}>
      <AlertLine state={state} />
      {said.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other identity
        <Line key={index} tone={tone} bold={ui.message !== undefined}>
          {line || ' '}
        </Line>
      ))}
      {signals.map((signal) => (
        <SignalLine key={signal.id} state={state} signal={signal} columns={size.columns} />
      ))}
      <Line> </Line>
      <Box height={left} flexShrink={0}>
        <Actions state={state} rows={left} columns={size.columns} />
        <Opened state={state} rows={left} />
      </Box>
      {master > 0 ? <MasterView ui={ui} rows={master} columns={size.columns} /> : null}
    </Box>
  );
}

/** What the restore has left to others, or put back without seeing it ready. Of a game that was not played it stays a secret. */
function afterRestore({ restored, phases }: GameState): { text: string; tone: 'warn' } | undefined {
  if (!restored?.left || !phases.some(({ phase }) => phase === 'respond')) return undefined;
  return { text: clean(restored.left.join('; ')), tone: 'warn' };
}

/** What phase it is, for the head of the page. */
export function phaseText(state: GameState, now: number): string {
  const entered = state.phases.at(-1)?.at ?? now;
  switch (state.phase) {
    case 'baseline':
      if (state.unmet.length > 0) return `waiting for a calm stack ${duration(now - entered)}`;
      return `taking the baseline ${duration(now - entered)}`;
    case 'inject':
      return `something is about to happen ${duration(now - entered)}`;
    case 'respond': {
      const left = (state.game?.timeout ?? 0) * 1000 - (now - entered);
      return `${duration(now - entered)}   ${duration(left)} left`;
    }
    case 'ended':
    case 'restore':
      return `over (${state.ended?.ending ?? '…'}): putting everything back`;
    case 'debrief':
      return 'restored; grading';
    default:
      return state.phase;
  }
}

function SignalLine(props: {
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
  const width = Math.max(10, Math.min(48, props.columns - 56));
  const objective =
    below !== undefined
      ? `below ${quantity(below, signal.unit)}`
      : above !== undefined
        ? `above ${quantity(above, signal.unit)}`
        : '';
  return (
    <Box height={1} flexShrink={0}>
      <Text wrap="truncate-end">
        {cell(clean(signal.title), 22)}
        <Text bold color={breached ? theme.bad : signal.objective ? theme.good : undefined}>
          {cell(quantity(value, signal.unit), 10)}
        </Text>
        <Text color={breached ? theme.bad : theme.accent}>{cell(sparkline(points, width), width)}</Text>
        <Text color={theme.quiet}>{`  ${objective}`}</Text>
      </Text>
    </Box>
  );
}

interface Done {
  at: number;
  title: string;
  effect: string;
}

/** Actions and declarations in one list, newest last. */
function done(state: GameState): Done[] {
  return [
    // What passed by the recorder was not the responder's doing, and may be the very thing to find.
    ...state.actions
      .filter((action) => action.surface !== 'cluster')
      .map((action) => ({
        at: action.at,
        title: action.title,
        effect: action.effect === 'mutate' ? 'change' : action.effect === 'attempted' ? 'refused' : 'read',
      })),
    ...state.notes.map((note) => ({ at: note.at, title: `note: ${note.text}`, effect: 'note' })),
    ...state.hints.map((hint) => ({ at: hint.at, title: `hint: ${hint.text}`, effect: 'hint' })),
    ...state.diagnoses.map((diagnosis) => ({
      at: diagnosis.at,
      title: `diagnosis: ${[diagnosis.origin, diagnosis.mechanism].filter(Boolean).join(', ')}`,
      effect: 'said',
    })),
    ...state.claims.map((claim) => ({
      at: claim.at,
      title: `resolved? ${claim.accepted ? 'yes' : 'not yet'}`,
      effect: 'said',
    })),
    ...acknowledgementsOf(state).map(({ at, what }) => ({
      at,
      title: `acknowledged ${what}`,
      effect: 'said',
    })),
  ].sort((a, b) => a.at - b.at);
}

function Actions({ state, rows, columns }: { state: GameState; rows: number; columns: number }): ReactNode {
  const start = state.phases.find((phase) => phase.phase === 'respond')?.at ?? 0;
  const list = done(state).slice(-(rows - 1));
  const width = Math.max(20, columns - 48);
  return (
    <Box flexDirection="column" width={columns - 32} flexShrink={0}>
      <Line tone="quiet">what you did</Line>
      {list.length === 0 ? <Line dim>nothing yet: t opens a shell with kubectl</Line> : null}
      {list.map((item) => (
        <Line
          key={`${item.at} ${item.title}`}
          tone={item.effect === 'change' ? 'warn' : item.effect === 'refused' ? 'bad' : undefined}
        >
          {`${duration(item.at - start)}  ${cell(clean(item.title), width)} ${item.effect}`}
        </Line>
      ))}
    </Box>
  );
}

function Opened({ state, rows }: { state: GameState; rows: number }): ReactNode {
  const start = state.phases.find((phase) => phase.phase === 'respond')?.at ?? 0;
  const opened = new Map(
    state.actions.filter((action) => action.dashboard).map((action) => [action.dashboard?.uid, action.at]),
  );
  return (
    <Box flexDirection="column">
      <Line tone="quiet">dashboards</Line>
      {(state.game?.dashboards ?? []).slice(0, rows - 1).map(({ uid }) => {
        const at = opened.get(uid);
        return (
          <Line key={uid}>
            {cell(clean(uid), 16)} {at === undefined ? '—' : `opened ${duration(at - start)}`}
          </Line>
        );
      })}
    </Box>
  );
}
