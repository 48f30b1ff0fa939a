/** A matcher as Alertmanager's API v2 has it. */
export interface SilenceMatcher {
  name: string;
  value: string;
  isRegex: boolean;
  isEqual: boolean;
}

const form = /^([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!~|!=|=)\s*("(?:[^"\\]|\\.)*")$/;

/** Reads `owner="checkout"`; undefined if it is no matcher. */
export function parseSilenceMatcher(text: string): SilenceMatcher | undefined {
  const [, name, operator, quoted] = form.exec(text.trim()) ?? [];
  if (name === undefined || operator === undefined || quoted === undefined) return undefined;
  try {
    const value = JSON.parse(quoted) as string;
    return { name, value, isRegex: operator.endsWith('~'), isEqual: operator.startsWith('=') };
  } catch {
    return undefined;
  }
}
