import { Box } from 'ink';
import type { ReactNode } from 'react';
import { acknowledgementsOf } from '../../../log/acknowledgements.ts';
import type { GameState } from '../../../log/state.ts';
import { clean } from '../../../words/clean.ts';
import { cell } from '../../../words/width.ts';
import { gameTime } from '../../draw/game-time.ts';
import { Line } from '../../draw/layout.tsx';

/** What people did and said, newest last. */
export function Actions({
  state,
  rows,
  columns,
}: {
  state: GameState;
  rows: number;
  columns: number;
}): ReactNode {
  const list = done(state).slice(-(rows - 1));
  const width = Math.max(20, columns - 48);
  return (
    <Box flexDirection="column" width={columns - 30} flexShrink={0}>
      <Line tone="quiet">what you did</Line>
      {list.length === 0 ? <Line dim>nothing yet: press t for a shell with kubectl</Line> : null}
      {list.map((item) => (
        <Line
          key={`${item.at} ${item.title}`}
          tone={item.effect === 'change' ? 'warn' : item.effect === 'refused' ? 'bad' : undefined}
        >
          {`${gameTime(state, item.at)}  ${cell(clean(item.title), width)} ${item.effect}`}
        </Line>
      ))}
    </Box>
  );
}

/** Which dashboards were looked at. */
export function Opened({ state, rows }: { state: GameState; rows: number }): ReactNode {
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
            {cell(clean(uid), 16)} {at === undefined ? '—' : `opened ${gameTime(state, at)}`}
          </Line>
        );
      })}
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
    ...(state.pendingClaim
      ? [
          {
            at: state.pendingClaim.at,
            title: 'resolved? checking: the fix must hold for a while',
            effect: 'said',
          },
        ]
      : []),
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
