import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { UiState } from '../state/ui-state.ts';
import { AlertLine } from './alert-line.tsx';
import { Line, type Size } from './layout.tsx';
import { beginnings, Scrolled } from './page.tsx';

/** A page that is read in a game: the alert stays in sight. */
export function GamePage(props: { ui: UiState; body: Size; reading: string }): ReactNode {
  const { ui, body, reading } = props;
  const lines = ui.page?.lines;
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      {lines ? (
        <Scrolled lines={lines} from={ui.scroll} rows={body.rows - 1} />
      ) : (
        <Line tone="quiet">{reading}</Line>
      )}
    </Box>
  );
}

/** What ↑ and ↓ go over on such a page. */
export function gamePageRows({ page }: UiState, body: Size): number {
  return beginnings(page?.lines, body.rows - 1);
}
