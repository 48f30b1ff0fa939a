/** What ink reports of a key press besides the characters. */
export interface Press {
  return: boolean;
  escape: boolean;
  upArrow: boolean;
  downArrow: boolean;
  ctrl: boolean;
  backspace?: boolean;
  delete?: boolean;
  tab?: boolean;
}

/** The name of a key as the table has it: a character, or return, escape, up, down, space. */
export function nameOf(input: string, press: Press): string {
  if (press.return) return 'return';
  if (press.escape) return 'escape';
  if (press.upArrow) return 'up';
  if (press.downArrow) return 'down';
  return input === ' ' ? 'space' : input;
}

/** Keys that come at once (a fast hand on a busy machine, a paste) are one input; each counts. */
export function singly(input: string, press: Press): { input: string; press: Press }[] {
  const keys = [...input];
  if (keys.length < 2) return [{ input, press }];
  return keys.map((key) => {
    const isReturn = key === '\r' || key === '\n';
    return { input: isReturn ? '' : key, press: { ...press, return: isReturn } };
  });
}

/** How a key is written. */
export function glyph(key: string): string {
  const glyphs: Record<string, string> = { return: '⏎', escape: 'esc', up: '↑', down: '↓' };
  return glyphs[key] ?? key;
}
