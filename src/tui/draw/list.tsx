import { Box } from 'ink';
import type { ReactNode } from 'react';
import { Line } from './layout.tsx';
import type { Theme } from './theme.ts';

interface Row {
  key: string;
  text: string;
  tone?: keyof Theme;
}

/** Rows of which one is marked; where more are there than fit, that one stays in sight. */
export function List(props: { rows: Row[]; marked: number; height: number }): ReactNode {
  const { rows, marked, height } = props;
  const from = Math.max(0, Math.min(marked - Math.floor(height / 2), rows.length - height));
  return (
    <Box flexDirection="column" flexShrink={0}>
      {rows.slice(from, from + height).map(({ key, text, tone }, index) => {
        const isMarked = from + index === marked;
        return (
          <Line key={key} bold={isMarked} tone={tone ?? (isMarked ? 'accent' : undefined)}>
            {isMarked ? '▶' : ' '} {text}
          </Line>
        );
      })}
    </Box>
  );
}
