import { Box } from 'ink';
import type { ReactNode } from 'react';
import { cell } from '../../words/width.ts';
import { glyph } from '../input/press.ts';
import type { Screen } from '../screen.ts';
import { Line } from './layout.tsx';

/** Every key of a screen and what it does there. */
export function Help({ screen }: { screen: Screen }): ReactNode {
  return (
    <Box flexDirection="column" marginTop={1}>
      {screen.keys.map(({ key, help }) => (
        <Line key={key}>
          {cell(glyph(key), 8)} {help}
        </Line>
      ))}
      <Line>{cell('Ctrl-C', 8)} end the game, restore the cluster and quit</Line>
      <Line> </Line>
      <Line tone="quiet">Any key closes this page.</Line>
    </Box>
  );
}
