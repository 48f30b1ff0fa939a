import { type Redirect, SyntaxProblem, type Word } from './syntax.ts';
import { type ParseScript, readQuotedText, readWord } from './words.ts';

const OPERATORS = ['&&', '||', ';;', '&', '|', ';', '(', ')', '\n'];

/** Hands out the operators, words and redirections of a script, one after the other. */
export class Tokens {
  private at = 0;

  constructor(
    private readonly text: string,
    private readonly parse: ParseScript,
  ) {}

  ended(): boolean {
    this.skipBlanks();
    return this.at >= this.text.length;
  }

  isOperator(operator: string): boolean {
    this.skipBlanks();
    return OPERATORS.find((it) => this.text.startsWith(it, this.at)) === operator;
  }

  take(operator: string): boolean {
    if (!this.isOperator(operator)) return false;
    this.at += operator.length;
    return true;
  }

  /** A reserved word, unquoted and whole. */
  isWord(word: string): boolean {
    this.skipBlanks();
    const after = this.text[this.at + word.length];
    return this.text.startsWith(word, this.at) && (after === undefined || /[\s;&|<>()]/.test(after));
  }

  takeWord(word: string): boolean {
    if (!this.isWord(word)) return false;
    this.at += word.length;
    return true;
  }

  plainWord(): string | undefined {
    const word = this.word();
    return word?.length === 1 && word[0]!.kind === 'text' ? word[0]!.text : undefined;
  }

  word(): Word | undefined {
    this.skipBlanks();
    if (this.at >= this.text.length || /[\s;&|<>()]/.test(this.text[this.at]!)) return undefined;
    const { word, end } = readWord(this.text, this.at, this.parse);
    this.at = end;
    return word;
  }

  redirect(): Redirect | undefined {
    this.skipBlanks();
    const match = /^(\d*)(>>|>&|<<-?|>\||>|<)/.exec(this.text.slice(this.at));
    if (!match) return undefined;
    this.at += match[0].length;
    const operator = match[2]!.replace('>|', '>');
    const fd = match[1] ? Number(match[1]) : operator.startsWith('<') ? 0 : 1;
    const target = this.word();
    if (!target) throw new SyntaxProblem('syntax error: unexpected redirection');
    if (operator.startsWith('<<'))
      return { fd, operator: '<<', target: this.hereDocument(target, operator === '<<-') };
    return { fd, operator: operator as Redirect['operator'], target };
  }

  /** What is next, for an error. */
  rest(): string {
    this.skipBlanks();
    return this.text.slice(this.at).split(/\s/)[0]!.slice(0, 40);
  }

  private skipBlanks(): void {
    for (;;) {
      const match = /^(?:[ \t]+|\\\n|#[^\n]*)/.exec(this.text.slice(this.at, this.at + 4096));
      if (!match) return;
      this.at += match[0].length;
    }
  }

  /** Takes the lines up to the delimiter out of the text that follows. */
  private hereDocument(delimiter: Word, stripTabs: boolean): Word {
    const mark = delimiter.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    const literal = delimiter.some((part) => part.kind === 'text' && part.quoted);
    const lineEnd = this.text.indexOf('\n', this.at);
    const lines = lineEnd < 0 ? [] : this.text.slice(lineEnd + 1).split('\n');
    const strip = (line: string): string => (stripTabs ? line.replace(/^\t+/, '') : line);
    const end = lines.findIndex((line) => strip(line) === mark);
    const taken = end < 0 ? lines : lines.slice(0, end);
    const body = taken.map((line) => `${strip(line)}\n`).join('');
    const skipped = lines.slice(0, end < 0 ? lines.length : end + 1).join('\n').length + 1;
    const mutable = this as unknown as { text: string };
    if (lineEnd >= 0) mutable.text = this.text.slice(0, lineEnd) + this.text.slice(lineEnd + skipped);
    return literal ? [{ kind: 'text', text: body, quoted: true }] : readQuotedText(body, this.parse);
  }
}
