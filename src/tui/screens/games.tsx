import { Box } from 'ink';
import type { ReactNode } from 'react';
import { clean } from '../../words/clean.ts';
import { clock } from '../../words/time.ts';
import { cell } from '../../words/width.ts';
import { Line, type Size } from '../draw/layout.tsx';
import { List } from '../draw/list.tsx';
import { clusterTitle } from '../draw/title.ts';
import { back, backToo, down, enter, help, leave, up } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';
import { debrief, readDebrief, shownDebrief } from './debrief.tsx';

/** The games that were played, newest first; one is marked. */
export const games: Screen = {
  keys: [up, down, enter('scorecard', 'show its scorecard'), help, back, backToo],
  title: (ui) => clusterTitle(ui),
  rows: (ui) => ui.games.length,
  enter: async (controls) => {
    const ui = controls.ui();
    const past = ui.games[ui.scroll];
    if (!past) return;
    const read = await readDebrief(controls, past.id);
    // A second ⏎ meanwhile is not a second page.
    if (!controls.ui().debrief) controls.show(debrief, shownDebrief(read));
  },
  back: leave,
  render: Games,
};

function Games({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const { games: list, scroll } = ui;
  if (list.length === 0) return <Line tone="quiet">No game has been played yet.</Line>;
  const rows = list.map(({ id, title, ending, length, restored }) => ({
    key: id,
    text: `${cell(id, 19)} ${cell(clean(title), 34)} ${cell(ending, 12)} ${clock(length)}${restored ? '' : '  not restored'}`,
    ...(restored ? {} : { tone: 'bad' as const }),
  }));
  return (
    <Box marginTop={1}>
      <List rows={rows} marked={scroll} height={body.rows - 1} />
    </Box>
  );
}
