import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { DashLine } from '../dash/lines.ts';
import type { Controls, Screen } from '../screen.ts';
import { Line } from './layout.tsx';

/** As much of a page as there are rows, from a line on; never past its end. */
export function Scrolled(props: { lines: DashLine[]; from: number; rows: number }): ReactNode {
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

/** How many lines such a page can begin with. */
export function beginnings(lines: readonly DashLine[] | undefined, rows: number): number {
  return Math.max(1, (lines?.length ?? 0) - rows + 1);
}

/** Shows a page at once and fills it in when its lines are there; goes back from it if they cannot be had. */
export async function openPage(
  controls: Controls,
  screen: Screen,
  title: string,
  read: (width: number) => Promise<DashLine[]>,
): Promise<void> {
  const page = { title, lines: undefined };
  controls.show(screen, { page });
  const isShown = () => controls.ui().page === page;
  try {
    const lines = await read(pageWidth(controls));
    if (isShown()) controls.set({ page: { title, lines } });
  } catch (error) {
    if (isShown()) controls.leave({ page: undefined });
    throw error;
  }
}

/** Columns that a page is written for. */
export function pageWidth({ owner }: Controls): number {
  return Math.max(60, owner.size().columns - 2);
}
