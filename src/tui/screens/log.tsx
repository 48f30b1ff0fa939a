import { Box } from 'ink';
import type { ReactNode } from 'react';
import { indented } from '../../words/width.ts';
import type { DashLine } from '../dash/lines.ts';
import { AlertLine } from '../draw/alert-line.tsx';
import { gameTime } from '../draw/game-time.ts';
import type { Size } from '../draw/layout.tsx';
import { beginnings, Scrolled } from '../draw/page.tsx';
import { gameTitle } from '../draw/title.ts';
import { ack, back, backToo, down, help, leave, nothing, up } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';

/** What has happened so far, as far as a responder may see it; newest last, and it follows until one scrolls up. */
export const log: Screen = {
  // Rows are counted from the end.
  keys: [
    { ...up, label: '↑↓ scroll', press: (controls) => controls.move(1) },
    { ...down, press: (controls) => controls.move(-1) },
    ack,
    help,
    back,
    backToo,
  ],
  title: gameTitle,
  rows: (ui, body) => beginnings(linesOf(ui, body), rowsOf(body)),
  enter: nothing,
  back: leave,
  render: Log,
};

function Log({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const lines = linesOf(ui, body);
  const rows = rowsOf(body);
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      <Scrolled lines={lines} from={lines.length - rows - ui.scroll} rows={rows} />
    </Box>
  );
}

function linesOf({ happened, state }: UiState, { columns }: Size): DashLine[] {
  return happened.flatMap(({ at, text }) =>
    indented(`${gameTime(state, at)}  ${text}`, 0, 7, columns).map((line) => ({ text: line })),
  );
}

/** Below the alert. */
function rowsOf(body: Size): number {
  return body.rows - 1;
}
