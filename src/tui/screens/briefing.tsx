import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Line, type Size } from '../layout.tsx';
import { clean, duration, wrap } from '../text.ts';
import type { UiState } from '../ui-state.ts';

/** What the one on call knows when the page comes; the game begins with a key. */
export function Briefing({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const { game } = ui.state;
  if (!game) return <Line tone="quiet">Preparing the game …</Line>;
  const width = Math.min(88, size.columns - 4);
  return (
    <Box flexDirection="column" marginTop={1}>
      <Line bold>{clean(game.title)}</Line>
      <Line> </Line>
      <Lines lines={paragraphs(game.briefing).flatMap((text) => wrap(clean(text), width))} />
      <Line> </Line>
      <Lines
        tone="quiet"
        lines={wrap(
          `On call for ${clean(game.owner)}. Time: ${duration(game.timeout * 1000)}. Hints: ${game.hints}. Cluster: ${clean(game.cluster)}.`,
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
