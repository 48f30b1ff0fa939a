import { Box } from 'ink';
import type { ReactNode } from 'react';
import { timeToPlay } from '../../log/times.ts';
import { clean } from '../../words/clean.ts';
import { clock } from '../../words/time.ts';
import { wrap } from '../../words/width.ts';
import { Line, type Size } from '../draw/layout.tsx';
import { clusterTitle } from '../draw/title.ts';
import { back, backToo, character, enter, help } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';
import { live } from './live/live.tsx';
import { toggleMaster } from './live/master.tsx';

/** What the one on call knows when the page comes; the game begins with a key. */
export const briefing: Screen = {
  keys: [
    enter('begin', 'begin: the baseline is measured, then something breaks'),
    character(
      'm',
      "game master's view",
      "show the game master's view from the start (it shows what was broken)",
      toggleMaster,
    ),
    help,
    back,
    backToo,
  ],
  title: (ui) => clusterTitle(ui, clean(ui.state.game?.title ?? '')),
  rows: () => 0,
  enter: (controls) => {
    controls.restart(live);
    return controls.session.declare({ type: 'start' });
  },
  back: (controls) => controls.session.leave(),
  render: Briefing,
};

function Briefing({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const { game } = ui.state;
  if (!game) return <Line tone="quiet">Preparing the game …</Line>;
  const width = Math.min(88, body.columns - 2);
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line bold>{clean(game.title)}</Line>
      <Line> </Line>
      <Lines lines={paragraphs(game.briefing).flatMap((text) => wrap(clean(text), width))} />
      <Line> </Line>
      <Lines
        tone="quiet"
        lines={wrap(
          `On call for ${clean(game.owner)}. Time: ${clock(timeToPlay(game))}. Hints: ${game.hints}. Cluster: ${clean(game.cluster)}.`,
          width,
        )}
      />
      <Line> </Line>
      <Lines tone="quiet" lines={wrap(recorded, width)} />
    </Box>
  );
}

const recorded =
  "What you do with kubectl, Prometheus and dashboards in the recorded shell (key t in the game) is written to this game's folder on this machine: commands and changed fields, never secrets or output.";

function Lines({ lines, tone }: { lines: string[]; tone?: 'quiet' }): ReactNode {
  return lines.map((line, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: lines of a fixed text have no other identity
    <Line key={index} tone={tone}>
      {line || ' '}
    </Line>
  ));
}

/** Line breaks of the file are not those of the screen; an empty line stays. */
function paragraphs(text: string): string[] {
  return text
    .trim()
    .split(/\n\s*\n/)
    .flatMap((paragraph, index) => [...(index > 0 ? [''] : []), paragraph.replace(/\s+/g, ' ')]);
}
