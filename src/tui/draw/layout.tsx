import { Box, Text, useStdout } from 'ink';
import { createContext, type ReactNode, useContext, useEffect, useState } from 'react';
import type { Theme } from './theme.ts';

export interface Size {
  columns: number;
  rows: number;
}

export const ThemeContext = createContext<Theme>({});

export function useTheme(): Theme {
  return useContext(ThemeContext);
}

/** The terminal's size; 80×24 where it cannot be told. */
export function sizeOf(stdout: NodeJS.WriteStream): Size {
  return { columns: stdout.columns || 80, rows: stdout.rows || 24 };
}

/** The same, followed as it changes. */
export function useSize(): Size {
  const { stdout } = useStdout();
  const [size, setSize] = useState(() => sizeOf(stdout));
  useEffect(() => {
    const resized = (): void => setSize(sizeOf(stdout));
    stdout.on('resize', resized);
    return () => {
      stdout.off('resize', resized);
    };
  });
  return size;
}

/**
 * A whole screen: head, rule, body, rule, foot. One row shorter than the terminal, because ink clears everything
 * when a frame is as tall as it.
 */
export function Page(props: {
  size: Size;
  head: ReactNode;
  foot: ReactNode;
  children: ReactNode;
}): ReactNode {
  const { columns, rows } = props.size;
  return (
    <Box flexDirection="column" width={columns} height={rows - 1} paddingX={1} overflow="hidden">
      <Box height={1} flexShrink={0} justifyContent="space-between">
        {props.head}
      </Box>
      <Rule columns={columns} />
      <Box flexDirection="column" flexGrow={1} overflow="hidden">
        {props.children}
      </Box>
      <Box flexShrink={0} flexDirection="column">
        {props.foot}
      </Box>
    </Box>
  );
}

export function Rule({ columns }: { columns: number }): ReactNode {
  const theme = useTheme();
  return (
    <Box height={1} flexShrink={0}>
      <Text color={theme.quiet}>{'─'.repeat(Math.max(0, columns - 2))}</Text>
    </Box>
  );
}

/** One line that never wraps. */
export function Line(props: {
  tone?: keyof Theme;
  bold?: boolean;
  dim?: boolean;
  children: ReactNode;
}): ReactNode {
  const theme = useTheme();
  return (
    <Box height={1} flexShrink={0}>
      <Text
        wrap="truncate-end"
        color={props.tone ? theme[props.tone] : undefined}
        bold={props.bold}
        dimColor={props.dim}
      >
        {props.children}
      </Text>
    </Box>
  );
}
