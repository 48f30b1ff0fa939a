import { html } from '../../words/escape.ts';

export type Cell =
  | string
  | {
      text: string;
      tone?: 'good' | 'bad' | 'warn' | 'quiet' | undefined;
      code?: boolean;
      link?: string | undefined;
    };

/** A head that begins with ">" makes a column of numbers: aligned to the right. Without rows a dash. */
export function htmlTable(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  if (rows.length === 0) return '<p class="quiet">—</p>';
  const numeric = head.map((title) => title.startsWith('>'));
  const heads = head.map((title, index) => {
    return `<th${numeric[index] ? ' class="n"' : ''}>${html(title.replace(/^>/, ''))}</th>`;
  });
  const body = rows.map((row) => {
    return `<tr>${row.map((cell, index) => tableCell(cell, numeric[index] ?? false)).join('')}</tr>`;
  });
  // A wide one scrolls in its own place, not the page.
  return `<div class="wide"><table><thead><tr>${heads.join('')}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>`;
}

function tableCell(cell: Cell, numeric: boolean): string {
  const { text, tone, code, link }: Exclude<Cell, string> = typeof cell === 'string' ? { text: cell } : cell;
  const classes = [numeric ? 'n' : '', tone ?? ''].filter(Boolean).join(' ');
  const words = code ? `<code>${html(text)}</code>` : html(text);
  const content = link ? `<a href="${html(link)}" rel="noreferrer">${words}</a>` : words;
  return `<td${classes ? ` class="${classes}"` : ''}>${content}</td>`;
}
