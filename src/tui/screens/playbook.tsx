import { GamePage, gamePageRows } from '../draw/game-page.tsx';
import { gameTitle } from '../draw/title.ts';
import { ack, back, backToo, help, nothing, scroll } from '../input/keys.ts';
import type { Screen } from '../screen.ts';

/** The playbook that the alert leads to. */
export const playbook: Screen = {
  keys: [...scroll, ack, help, back, backToo],
  title: gameTitle,
  rows: gamePageRows,
  enter: nothing,
  back: (controls) => controls.leave({ page: undefined }),
  render: (props) => <GamePage {...props} reading="Reading the playbook …" />,
};
