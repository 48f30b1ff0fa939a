/** A table of Markdown whose cells are escaped already; a dash where there are no rows. */
export function markdownTable(head: string[], rows: string[][]): string {
  if (rows.length === 0) return '—';
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replace(/\n/g, ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
