import { basename } from 'node:path';
import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { GameState } from '../../log/state.ts';
import { Line, type Size } from '../draw/layout.tsx';
import { beginnings, pageWidth, Scrolled } from '../draw/page.tsx';
import { back, backToo, character, enter, help, scroll } from '../input/keys.ts';
import { type Controls, type Screen, who } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';

type Shown = NonNullable<UiState['debrief']>;

/** What a game showed: the scorecard, line by line. */
export const debrief: Screen = {
  keys: [
    ...scroll,
    character('r', 'report', 'write the report (HTML, Markdown, JSON) and show where it is', writeReport),
    help,
    enter('home', 'back to the wheel'),
    { ...back, label: '' },
    backToo,
  ],
  title: (ui) => ({ left: ui.debrief?.heading ?? '', right: '' }),
  rows: (ui, body) => beginnings(ui.debrief?.lines, rowsOf(ui, body)),
  enter: (controls) => {
    stopWaiting(controls);
    controls.home();
  },
  back: (controls) => {
    stopWaiting(controls);
    controls.leave({ debrief: undefined });
  },
  render: Debriefing,
  resized: async (controls) => {
    const game = controls.ui().debrief?.game;
    if (game) replaceDebrief(controls, await readDebrief(controls, game));
  },
};

/** Reads the scorecard of a game, to fit the window. */
export async function readDebrief(controls: Controls, game: string): Promise<Shown> {
  return { ...(await controls.backend.debrief(game, pageWidth(controls))), game };
}

/** What changes when a scorecard is shown: nothing that was asked or said before stands in its way. */
export function shownDebrief(read: Shown): Partial<UiState> {
  return { debrief: read, prompt: undefined, help: false, message: undefined };
}

/** Puts a newer scorecard in the place of that of the same game, if it is still shown. */
export function replaceDebrief(controls: Controls, read: Shown): void {
  if (controls.ui().debrief?.game === read.game) controls.set({ debrief: read });
}

/** Who leaves the scorecard does not wait for the end of alerts. */
function stopWaiting({ session }: Controls): void {
  void session.game?.declare({ type: 'abort', who }).catch(() => undefined);
}

async function writeReport(controls: Controls): Promise<void> {
  const game = controls.ui().debrief?.game;
  const [first, ...others] = game ? await controls.backend.report(game) : [];
  const beside = others.map((path) => basename(path)).join(', ');
  controls.say(
    first ? `Written: ${first} and, next to it, ${beside}` : 'There is no game to report on.',
    'good',
  );
}

function Debriefing({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const awaited = awaitedAlerts(ui);
  const page = <Scrolled lines={ui.debrief?.lines ?? []} from={ui.scroll} rows={rowsOf(ui, body)} />;
  if (awaited === 0) return page;
  return (
    <Box flexDirection="column">
      <Line tone="warn">
        {`◌ ${awaited === 1 ? 'One alert still fires; this page updates when it resolves.' : `${awaited} alerts still fire; this page updates when they resolve.`}`}
      </Line>
      {page}
    </Box>
  );
}

function rowsOf(ui: UiState, body: Size): number {
  return body.rows - (awaitedAlerts(ui) === 0 ? 0 : 1);
}

/** Alerts whose end the conductor waits for. */
function awaitedAlerts({ state, debrief: shown }: UiState): number {
  const { phase, closed, alerts, game }: GameState = state;
  if (phase !== 'debrief' || closed || game?.game !== shown?.game) return 0;
  return new Set(
    alerts.filter(({ background, state: now }) => !background && now !== 'inactive').map(({ name }) => name),
  ).size;
}
