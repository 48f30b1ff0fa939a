import { Box } from 'ink';
import type { ReactNode } from 'react';
import { clean } from '../../words/clean.ts';
import { cell } from '../../words/width.ts';
import { AlertLine } from '../draw/alert-line.tsx';
import { Line, type Size } from '../draw/layout.tsx';
import { List } from '../draw/list.tsx';
import { openPage } from '../draw/page.tsx';
import { gameTitle } from '../draw/title.ts';
import { ack, back, backToo, down, enter, help, leave, up } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';
import { dashboard } from './dashboard.tsx';

/** The stack's dashboards; one is marked. */
export const dashboards: Screen = {
  keys: [up, down, enter('open', 'open the dashboard'), ack, help, back, backToo],
  title: gameTitle,
  rows: (ui) => listed(ui).length,
  enter: (controls) => {
    const { game } = controls.session;
    const ui = controls.ui();
    const chosen = listed(ui)[ui.scroll];
    if (!chosen || !game) return undefined;
    return openPage(controls, dashboard, chosen.title, (width) => game.dashboard(chosen.uid, width));
  },
  back: leave,
  render: Dashboards,
};

function listed({ state }: UiState): { uid: string; title: string }[] {
  return state.game?.dashboards ?? [];
}

function Dashboards({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  if (listed(ui).length === 0)
    return <Line tone="quiet">No dashboards are configured for this cluster.</Line>;
  const rows = listed(ui).map(({ uid, title }) => ({
    key: uid,
    text: `${cell(clean(uid), 22)} ${clean(title)}`,
  }));
  return (
    <Box flexDirection="column">
      <AlertLine state={ui.state} />
      <Line> </Line>
      <List rows={rows} marked={ui.scroll} height={body.rows - 2} />
    </Box>
  );
}
