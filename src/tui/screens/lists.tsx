import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { GameState } from '../../log/state.ts';
import type { DashLine } from '../dash/lines.ts';
import { cell, Line, type Size } from '../layout.tsx';
import { clean, duration } from '../text.ts';
import type { UiState } from '../ui-state.ts';
import { AlertLine } from './alert-line.tsx';

/** The stack's dashboards; one is marked. */
export function Dashboards({ ui }: { ui: UiState }): ReactNode {
  const dashboards = ui.state.game?.dashboards ?? [];
  if (dashboards.length === 0)
    return <Line tone="quiet">No dashboards are configured for this cluster.</Line>;
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      <Line> </Line>
      {dashboards.map(({ uid, title }, index) => (
        <Line key={uid} bold={index === ui.scroll} tone={index === ui.scroll ? 'accent' : undefined}>
          {index === ui.scroll ? '▶' : ' '} {cell(clean(uid), 22)} {clean(title)}
        </Line>
      ))}
    </Box>
  );
}

/** One dashboard drawn in the terminal. */
export function DashboardPage({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const lines = ui.dashboard?.lines;
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      {lines ? (
        <Scrolled lines={lines} from={ui.scroll} rows={size.rows - 6} />
      ) : (
        <Line tone="quiet">Reading the panels …</Line>
      )}
    </Box>
  );
}

/** The playbook that the alert leads to. */
export function ReadPlaybook({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const lines = ui.reading?.lines;
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      {lines ? (
        <Scrolled lines={lines} from={ui.scroll} rows={size.rows - 6} />
      ) : (
        <Line tone="quiet">Reading the playbook …</Line>
      )}
    </Box>
  );
}

export function Debriefing({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  if (!ui.debrief) return <Line tone="quiet">Grading …</Line>;
  const { lines } = ui.debrief;
  const awaited = awaitedAlerts(ui.state);
  if (awaited === 0) return <Scrolled lines={lines} from={ui.scroll} rows={size.rows - 5} />;
  return (
    <Box flexDirection="column">
      <Line tone="warn">
        {`◌ ${awaited === 1 ? 'One alert still fires; when it is over' : `${awaited} alerts still fire; when they are over`}, this page is completed by itself.`}
      </Line>
      <Scrolled lines={lines} from={ui.scroll} rows={size.rows - 6} />
    </Box>
  );
}

/** Alerts whose end the conductor waits for. */
function awaitedAlerts({ phase, closed, alerts }: GameState): number {
  if (phase !== 'debrief' || closed) return 0;
  return new Set(
    alerts.filter(({ background, state }) => !background && state !== 'inactive').map(({ name }) => name),
  ).size;
}

export function Games({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const { games, scroll } = ui;
  if (games.length === 0) return <Line tone="quiet">No game was played yet.</Line>;
  const rows = size.rows - 6;
  const from = Math.max(0, Math.min(scroll - Math.floor(rows / 2), games.length - rows));
  return (
    <Box flexDirection="column" marginTop={1}>
      {games.slice(from, from + rows).map((game, index) => {
        const marked = from + index === scroll;
        return (
          <Line key={game.id} bold={marked} tone={game.restored ? (marked ? 'accent' : undefined) : 'bad'}>
            {marked ? '▶' : ' '} {cell(game.id, 19)} {cell(clean(game.title), 34)} {cell(game.ending, 12)}{' '}
            {duration(game.length)}
            {game.restored ? '' : '  not restored'}
          </Line>
        );
      })}
    </Box>
  );
}

function Scrolled(props: { lines: DashLine[]; from: number; rows: number }): ReactNode {
  const from = Math.max(0, Math.min(props.from, props.lines.length - props.rows));
  return (
    <Box flexDirection="column">
      {props.lines.slice(from, from + props.rows).map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a page have no other identity
        <Line key={from + index} tone={line.tone}>
          {line.text || ' '}
        </Line>
      ))}
    </Box>
  );
}
