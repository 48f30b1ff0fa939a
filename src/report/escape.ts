/** Text for HTML and for attributes in double quotes; control characters are taken out. */
export function html(text: string): string {
  return visible(text).replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

/** Text for Markdown: its own signs and HTML are shown as they are. */
export function markdown(text: string): string {
  return visible(text)
    .replace(/[\\`*_[\]<>|#]/g, (character) => `\\${character}`)
    .replace(/&/g, '&amp;');
}

/** A query or command inside Markdown's back-ticks. */
export function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`';
  return `${fence}${visible(text).replace(/\n/g, ' ')}${fence}`;
}

/** Without control characters and without those that turn the direction of text. */
export function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};
