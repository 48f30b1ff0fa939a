/** Splits a script into statements and lines that begin with a backslash; quotes, dollar quotes and comments are kept together. */
export class Statements {
  private rest = '';

  /** What is whole by now. */
  add(text: string): string[] {
    this.rest += text;
    const whole: string[] = [];
    for (let end = this.endOfFirst(); end > 0; end = this.endOfFirst()) {
      const one = this.rest.slice(0, end).trim();
      this.rest = this.rest.slice(end);
      if (one && one !== ';') whole.push(one);
    }
    return whole;
  }

  /** What is left when the script ends. */
  end(): string[] {
    const last = this.add('\n').concat(this.rest.trim());
    this.rest = '';
    return last.filter(Boolean);
  }

  private endOfFirst(): number {
    const text = this.rest;
    const start = text.search(/\S/);
    if (start < 0) return 0;
    if (text[start] === '\\') return text.indexOf('\n', start) + 1;
    const token =
      /--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(\w*)\$[\s\S]*?\$\1\$|['"$]|\/\*|;/g;
    token.lastIndex = start;
    for (let found = token.exec(text); found; found = token.exec(text)) {
      if (found[0] === ';') return token.lastIndex;
      // A quote or comment that is not closed yet.
      if (found[0] === "'" || found[0] === '"' || found[0] === '/*') return 0;
      if (found[0] === '$' && /^\$\w*\$/.test(text.slice(found.index, found.index + 80))) return 0;
    }
    return 0;
  }
}
