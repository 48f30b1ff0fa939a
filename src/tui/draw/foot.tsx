import { Box } from 'ink';
import type { ReactNode } from 'react';
import { clean } from '../../words/clean.ts';
import { cell, wrap } from '../../words/width.ts';
import { footer } from '../input/keys.ts';
import type { Shown } from '../screen.ts';
import type { Prompt } from '../state/ui-state.ts';
import { Line, type Size } from './layout.tsx';
import type { Theme } from './theme.ts';

interface FootLine {
  text: string;
  tone?: keyof Theme;
  bold?: boolean;
}

/** What is asked or said, and below it the keys. */
export function Foot({ shown, size }: { shown: Shown; size: Size }): ReactNode {
  return (
    <Box flexDirection="column">
      {footLines(shown, size.columns).map(({ text, tone, bold }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of the foot have no other identity
        <Line key={index} tone={tone} bold={bold}>
          {text || ' '}
        </Line>
      ))}
    </Box>
  );
}

/**
 * What a screen has to itself: the window without head, rule and foot, and without the last row (layout.tsx). A question
 * covers the end of it, so that nothing moves while one types.
 */
export function bodyOf(shown: Shown, { columns, rows }: Size): Size {
  return {
    columns: columns - 2,
    rows: rows - 3 - footLines({ ...shown, prompt: undefined }, columns).length,
  };
}

function footLines({ screen, prompt, message }: Shown, columns: number): FootLine[] {
  if (prompt) return [...promptLines(prompt), { text: promptKeys(prompt), tone: 'quiet' }];
  const said = screen.showsMessages
    ? []
    : wrap(message?.text ?? '', columns - 2).map((text) => ({ text, tone: message?.tone }));
  return [...said, { text: footer(screen.keys, columns), tone: 'quiet' }];
}

function promptLines({ options, index, all, question, confirm, text }: Prompt): FootLine[] {
  return [
    ...options.map(({ name, about }, place): FootLine => {
      const line = about ? `${cell(clean(name), 10)} ${about}` : clean(name);
      return place === index ? { text: `▶ ${line}`, tone: 'accent', bold: true } : { text: `  ${line}` };
    }),
    ...(all && options.length === 0 ? [{ text: ' no match', tone: 'warn' as const }] : []),
    { text: `${question} ${confirm ? '[y/n]' : `› ${text}▏`}`, tone: 'accent' },
  ];
}

function promptKeys({ confirm, options }: Prompt): string {
  if (confirm) return 'y yes   n no   esc back';
  return options.length > 0 ? '⏎ accept   ↑↓ choose   tab complete   esc back' : '⏎ accept   esc back';
}
