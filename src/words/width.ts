import stringWidth from 'string-width';
import wrapAnsi from 'wrap-ansi';

/** Columns of a terminal that a text takes: two for a wide character, none for a combining one. */
export const widthOf = stringWidth;

/** Wraps at words, a paragraph a line of the text; a word that is longer than the line is cut. An indentation stays on its first line. */
export function wrap(text: string, width: number): string[] {
  return text.split('\n').flatMap((paragraph) =>
    wrapAnsi(paragraph.trimEnd(), Math.max(1, width), { hard: true, trim: false })
      .split('\n')
      .map((line, index) => (index === 0 ? line : line.trimStart()).trimEnd())
      // Between words as long as the line stands a line of their blanks.
      .filter((line, index) => index === 0 || line !== ''),
  );
}

/** One paragraph wrapped with an indentation: the first line begins at column `first`, the others at `next`. */
export function indented(text: string, first: number, next: number, width: number): string[] {
  const [head = ''] = wrap(text, width - first);
  const rest = text.slice(head.length).trimStart();
  const others = rest === '' ? [] : wrap(rest, width - next);
  return [' '.repeat(first) + head, ...others.map((line) => ' '.repeat(next) + line)];
}

/** Cut to a width; the last column says that something is missing. */
export function cut(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let columns = 0;
  for (const { segment } of segments.segment(text)) {
    columns += stringWidth(segment);
    if (columns > width - 1) break;
    kept += segment;
  }
  return `${kept}…`;
}

/** Padded with blanks to a width. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - stringWidth(text)));
}

/** Padded or cut to a width, so that columns stay aligned. */
export function cell(text: string, width: number): string {
  return pad(cut(text, width), width);
}

/** Rows of text as aligned columns, without spaces at the end. */
export function table(rows: string[][]): string[] {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((text, column) => Math.max(all[column] ?? 0, stringWidth(text))),
    [],
  );
  return rows.map((row) =>
    row
      .map((text, column) => pad(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const segments = new Intl.Segmenter();
