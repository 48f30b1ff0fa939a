import {
  type AndOr,
  type Assignment,
  type Command,
  type Pipeline,
  type Redirect,
  type Script,
  SyntaxProblem,
  type Word,
} from './syntax.ts';
import { Tokens } from './tokens.ts';

/** Parses a script; throws SyntaxProblem with the words of a shell. */
export function parseScript(text: string): Script {
  const tokens = new Tokens(text, parseScript);
  const script = parseList(tokens, []);
  if (!tokens.ended()) throw unexpected(tokens);
  return script;
}

function parseList(tokens: Tokens, until: string[]): Script {
  const script: Script = [];
  for (;;) {
    while (tokens.take('\n') || tokens.take(';'));
    if (
      tokens.ended() ||
      tokens.isOperator(')') ||
      tokens.isOperator(';;') ||
      until.some((word) => tokens.isWord(word))
    ) {
      return script;
    }
    const item = parseAndOr(tokens);
    script.push(item);
    if (tokens.take('&')) item.background = true;
    else if (!tokens.isOperator(';') && !tokens.isOperator('\n')) {
      if (tokens.ended() || tokens.isOperator(')') || tokens.isOperator(';;')) return script;
      throw unexpected(tokens);
    }
  }
}

function parseAndOr(tokens: Tokens): AndOr {
  const item: AndOr = { first: parsePipeline(tokens), rest: [], background: false };
  for (;;) {
    const operator = tokens.take('&&') ? '&&' : tokens.take('||') ? '||' : undefined;
    if (!operator) return item;
    while (tokens.take('\n'));
    item.rest.push({ operator, pipeline: parsePipeline(tokens) });
  }
}

function parsePipeline(tokens: Tokens): Pipeline {
  const negated = tokens.takeWord('!');
  const commands = [parseCommand(tokens)];
  while (tokens.take('|')) {
    while (tokens.take('\n'));
    commands.push(parseCommand(tokens));
  }
  return { negated, commands };
}

function parseCommand(tokens: Tokens): Command {
  if (tokens.take('(')) {
    const body = parseList(tokens, []);
    expect(tokens, ')');
    return { kind: 'group', body, subshell: true, redirects: parseRedirects(tokens) };
  }
  if (tokens.takeWord('{')) {
    const body = parseList(tokens, ['}']);
    expectWord(tokens, '}');
    return { kind: 'group', body, subshell: false, redirects: parseRedirects(tokens) };
  }
  if (tokens.takeWord('if')) return parseIf(tokens);
  for (const word of ['while', 'until']) {
    if (!tokens.takeWord(word)) continue;
    const condition = parseList(tokens, ['do']);
    const body = parseBody(tokens);
    return { kind: 'loop', until: word === 'until', condition, body, redirects: parseRedirects(tokens) };
  }
  if (tokens.takeWord('for')) return parseFor(tokens);
  if (tokens.takeWord('case')) return parseCase(tokens);
  return parseSimple(tokens);
}

function parseIf(tokens: Tokens): Command {
  const branches: { condition: Script; body: Script }[] = [];
  do {
    const condition = parseList(tokens, ['then']);
    expectWord(tokens, 'then');
    branches.push({ condition, body: parseList(tokens, ['elif', 'else', 'fi']) });
  } while (tokens.takeWord('elif'));
  const otherwise = tokens.takeWord('else') ? parseList(tokens, ['fi']) : undefined;
  expectWord(tokens, 'fi');
  return { kind: 'if', branches, ...(otherwise && { otherwise }), redirects: parseRedirects(tokens) };
}

function parseBody(tokens: Tokens): Script {
  expectWord(tokens, 'do');
  const body = parseList(tokens, ['done']);
  expectWord(tokens, 'done');
  return body;
}

function parseFor(tokens: Tokens): Command {
  const name = tokens.plainWord();
  if (!name) throw unexpected(tokens);
  let words: Word[] | undefined;
  while (tokens.take('\n'));
  if (tokens.takeWord('in')) {
    words = [];
    for (let word = tokens.word(); word; word = tokens.word()) words.push(word);
  }
  while (tokens.take('\n') || tokens.take(';'));
  return { kind: 'for', name, words, body: parseBody(tokens), redirects: parseRedirects(tokens) };
}

function parseCase(tokens: Tokens): Command {
  const subject = tokens.word();
  if (!subject) throw unexpected(tokens);
  while (tokens.take('\n'));
  expectWord(tokens, 'in');
  const branches: { patterns: Word[]; body: Script }[] = [];
  for (;;) {
    while (tokens.take('\n'));
    if (tokens.takeWord('esac')) break;
    tokens.take('(');
    const patterns: Word[] = [];
    do {
      const pattern = tokens.word();
      if (!pattern) throw unexpected(tokens);
      patterns.push(pattern);
    } while (tokens.take('|'));
    expect(tokens, ')');
    branches.push({ patterns, body: parseList(tokens, ['esac']) });
    tokens.take(';;');
  }
  return { kind: 'case', subject, branches, redirects: parseRedirects(tokens) };
}

function parseSimple(tokens: Tokens): Command {
  const assignments: Assignment[] = [];
  const words: Word[] = [];
  const redirects: Redirect[] = [];
  for (;;) {
    const redirect = tokens.redirect();
    if (redirect) {
      redirects.push(redirect);
      continue;
    }
    const word = tokens.word();
    if (!word) break;
    const assignment = words.length === 0 ? asAssignment(word) : undefined;
    if (assignment) assignments.push(assignment);
    else words.push(word);
  }
  if (assignments.length + words.length + redirects.length === 0) throw unexpected(tokens);
  return { kind: 'simple', assignments, words, redirects };
}

function asAssignment(word: Word): Assignment | undefined {
  const [first, ...rest] = word;
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const match = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(first.text);
  if (!match) return undefined;
  return { name: match[1]!, value: [{ kind: 'text', text: match[2]!, quoted: true }, ...rest] };
}

function parseRedirects(tokens: Tokens): Redirect[] {
  const redirects: Redirect[] = [];
  for (let redirect = tokens.redirect(); redirect; redirect = tokens.redirect()) redirects.push(redirect);
  return redirects;
}

function expect(tokens: Tokens, operator: string): void {
  if (!tokens.take(operator)) throw unexpected(tokens);
}

function expectWord(tokens: Tokens, word: string): void {
  if (!tokens.takeWord(word)) throw unexpected(tokens);
}

function unexpected(tokens: Tokens): SyntaxProblem {
  const rest = tokens.rest();
  return new SyntaxProblem(
    rest ? `syntax error: unexpected "${rest}"` : 'syntax error: unexpected end of file',
  );
}
