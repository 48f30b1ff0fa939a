import { widthOf } from '../../../../words/width.ts';
import type { Rows } from './client.ts';

type Look = { tuplesOnly: boolean; aligned: boolean; expanded: boolean; csv: boolean; separator: string };

/** Types whose values psql puts to the right: integers, oid, floats, money, numeric. */
const NUMBERS = new Set([20, 21, 23, 26, 700, 701, 790, 1700, 28, 29, 5069]);

/** A result as psql prints it. */
export function printed({ columns, rows }: Rows, look: Look): string {
  if (look.csv) return csv({ columns, rows }, look);
  if (look.expanded) return expanded({ columns, rows }, look);
  return look.aligned ? aligned({ columns, rows }, look) : unaligned({ columns, rows }, look);
}

function csv({ columns, rows }: Rows, { tuplesOnly }: Look): string {
  const cell = (text: string | null): string =>
    text === null ? '' : /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map((row) => row.map(cell).join(','));
  return [...(tuplesOnly ? [] : [columns.map(({ name }) => cell(name)).join(',')]), ...lines, ''].join('\n');
}

function unaligned({ columns, rows }: Rows, { tuplesOnly, separator }: Look): string {
  const lines = rows.map((row) => row.map((cell) => cell ?? '').join(separator));
  if (tuplesOnly) return lines.map((line) => `${line}\n`).join('');
  return [columns.map(({ name }) => name).join(separator), ...lines, count(rows.length), ''].join('\n');
}

function aligned({ columns, rows }: Rows, { tuplesOnly }: Look): string {
  const cells = rows.map((row) => row.map((cell) => (cell ?? '').split('\n')));
  const widths = columns.map(({ name }, at) =>
    cells.reduce(
      (most, row) => row[at]!.reduce((max, line) => Math.max(max, widthOf(line)), most),
      tuplesOnly ? 0 : widthOf(name),
    ),
  );
  const last = columns.length - 1;
  const pad = (text: string, width: number): string => ' '.repeat(Math.max(0, width - widthOf(text)));
  const center = (name: string, width: number): string => {
    const left = Math.floor((width - widthOf(name)) / 2);
    return `${' '.repeat(left)}${name}${' '.repeat(width - widthOf(name) - left)}`;
  };
  const lines = cells.flatMap((row) => {
    const height = Math.max(1, ...row.map((parts) => parts.length));
    return Array.from({ length: height }, (_, line) =>
      row
        .map((parts, at) => {
          const text = parts[line] ?? '';
          const more = line < parts.length - 1 ? '+' : ' ';
          const right = NUMBERS.has(columns[at]!.type);
          const space = pad(text, widths[at]!);
          const end = at === last && more === ' ' ? '' : space;
          return ` ${right ? space + text : text + end}${at === last && more === ' ' ? '' : more}`;
        })
        .join('|'),
    );
  });
  const body = lines.map((line) => `${line}\n`).join('');
  if (tuplesOnly) return `${body}\n`;
  const head = columns.map(({ name }, at) => ` ${center(name, widths[at]!)} `).join('|');
  const rule = widths.map((width) => '-'.repeat(width + 2)).join('+');
  return `${head}\n${rule}\n${body}${count(rows.length)}\n\n`;
}

function expanded({ columns, rows }: Rows, { tuplesOnly }: Look): string {
  const width = Math.max(0, ...columns.map(({ name }) => widthOf(name)));
  if (rows.length === 0) return tuplesOnly ? '' : `${count(0)}\n\n`;
  const blocks = rows.map((row, index) => {
    const lines = row.flatMap((cell, at) =>
      (cell ?? '').split('\n').map((line, of, all) => {
        const name = of === 0 ? columns[at]!.name : '';
        const more = of < all.length - 1 ? '+' : '';
        return `${name}${' '.repeat(width - widthOf(name))} | ${line}${more}\n`;
      }),
    );
    const title = `-[ RECORD ${index + 1} ]`;
    return `${tuplesOnly ? '' : `${title}${'-'.repeat(Math.max(0, width + 2 - title.length))}\n`}${lines.join('')}`;
  });
  return `${blocks.join('')}\n`;
}

function count(rows: number): string {
  return `(${rows} ${rows === 1 ? 'row' : 'rows'})`;
}
