import { clean } from '../../words/clean.ts';
import { GamePage, gamePageRows } from '../draw/game-page.tsx';
import { gameTitle } from '../draw/title.ts';
import { ack, back, backToo, help, nothing, scroll } from '../input/keys.ts';
import type { Screen } from '../screen.ts';

/** One dashboard drawn in the terminal. */
export const dashboard: Screen = {
  keys: [...scroll, ack, help, back, backToo],
  title: (ui) => ({ ...gameTitle(ui), left: clean(ui.page?.title ?? '') }),
  rows: gamePageRows,
  enter: nothing,
  back: (controls) => controls.leave({ page: undefined }),
  render: (props) => <GamePage {...props} reading="Reading the panels …" />,
};
