import { visible } from './clean.ts';

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for HTML and for attributes in double quotes; control characters are taken out. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Text for XML 1.0; what XML cannot hold at all becomes a question mark. */
export function xml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => entities[character] ?? character)
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '?');
}

/** Text for Markdown: its own signs and HTML are shown as they are. */
export function markdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`)
    .replace(/&/g, '&amp;');
}

/** A sentence for Markdown in which commands and fields stand between back-ticks. */
export function proseMarkdown(sentence: string): string {
  return sentence
    .split(/`([^`]+)`/)
    .map((part, index) => (index % 2 === 1 ? code(part) : markdown(part)))
    .join('');
}

/** A query or command inside Markdown's back-ticks, of which it may have some itself (CommonMark 0.31, 6.1). */
export function code(text: string): string {
  const line = visible(text).replace(/\n/g, ' ');
  const longest = Math.max(0, ...(line.match(/`+/g) ?? []).map((run) => run.length));
  const fence = '`'.repeat(longest + 1);
  const edge = /^`|`$/.test(line) ? ' ' : '';
  return `${fence}${edge}${line}${edge}${fence}`;
}

/** A command, query or field between back-ticks in plain text, whatever is in it. */
export function quoted(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}

/** One word for every POSIX shell, whatever is in it. */
export function shellWord(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
