import { unescapeString } from '../../promql/syntax/literals.ts';
import { functionNames } from './functions.ts';
import { type Piece, piecesOf, type Token } from './lex.ts';
import {
  type Command,
  type Node,
  type Operand,
  type Pipeline,
  type Template,
  TemplateError,
} from './tree.ts';

/** Variables that Prometheus defines before each template. */
export const VARIABLES = ['$', '$labels', '$externalLabels', '$externalURL', '$value'] as const;

/**
 * Parses a template of a rule as Prometheus does when it reads the file: its structure, names of functions and
 * variables. Throws TemplateError.
 */
export function parseTemplate(text: string): Template {
  return new TemplateParser(piecesOf(text)).template();
}

class TemplateParser {
  readonly #pieces: readonly Piece[];
  readonly #defined = new Map<string, readonly Node[]>();
  #next = 0;
  #variables: string[] = [...VARIABLES];
  #loops = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  template(): Template {
    const { nodes, end } = this.#list();
    if (end) throw new TemplateError(end.at, `unexpected {{${end.word}}}`);
    return { body: nodes, defined: this.#defined };
  }

  /** Up to the end of the text, or an `end` or `else` that closes it. */
  #list(): { nodes: Node[]; end: { word: string; action: ActionReader; at: number } | undefined } {
    const nodes: Node[] = [];
    for (;;) {
      const piece = this.#pieces[this.#next++];
      if (!piece) return { nodes, end: undefined };
      if (piece.kind === 'text') {
        nodes.push(piece);
        continue;
      }
      const action = new ActionReader(piece.tokens, piece.at, this.#variables);
      const word = action.keyword();
      if (word === 'end' || word === 'else') return { nodes, end: { word, action, at: piece.at } };
      const node = this.#node(word, action, piece.at);
      if (node) nodes.push(node);
    }
  }

  #node(word: string | undefined, action: ActionReader, at: number): Node | undefined {
    switch (word) {
      case 'if':
      case 'with':
      case 'range':
        return this.#control(word, action, at);
      case 'define':
        this.#define(action.name(word), at);
        action.finish();
        return undefined;
      case 'block': {
        const name = action.name(word);
        const pipeline = action.pipeline();
        this.#define(name, at);
        return { kind: 'template', name, pipeline, at };
      }
      case 'template': {
        const name = action.name(word);
        return { kind: 'template', name, pipeline: action.isDone ? undefined : action.pipeline(), at };
      }
      case 'break':
      case 'continue':
        if (this.#loops === 0) throw new TemplateError(at, `{{${word}}} outside {{range}}`);
        action.finish();
        return { kind: word };
      default:
        return { kind: 'action', pipeline: action.pipeline() };
    }
  }

  #control(kind: 'if' | 'with' | 'range', action: ActionReader, at: number): Node {
    const known = this.#variables.length;
    const pipeline = action.pipeline({ inRange: kind === 'range' });
    if (kind === 'range') this.#loops++;
    const { nodes: body, end } = this.#list();
    if (kind === 'range') this.#loops--;
    let otherwise: Node[] = [];
    if (!end) throw new TemplateError(at, `unexpected end of the template: {{${kind}}} without {{end}}`);
    if (end.word === 'else') {
      const more = end.action.keyword();
      if ((more === 'if' && kind === 'if') || (more === 'with' && kind === 'with')) {
        // `else if` is an if in the else, and closed by the same end.
        otherwise = [this.#control(more, end.action, end.at)];
        this.#variables.length = known;
        return { kind, pipeline, body, otherwise };
      }
      end.action.finish();
      const rest = this.#list();
      if (rest.end?.word !== 'end')
        throw new TemplateError(rest.end?.at ?? at, `expected {{end}} of {{${kind}}} after {{else}}`);
      rest.end.action.finish();
      otherwise = rest.nodes;
    } else end.action.finish();
    this.#variables.length = known;
    return { kind, pipeline, body, otherwise };
  }

  /** Its body sees none of the variables outside. */
  #define(name: string, at: number): void {
    const outside = this.#variables;
    this.#variables = ['$'];
    const { nodes, end } = this.#list();
    if (end?.word !== 'end') throw new TemplateError(at, `{{define "${name}"}} without {{end}}`);
    end.action.finish();
    this.#defined.set(name, nodes);
    this.#variables = outside;
  }
}

/** The tokens of one action. */
class ActionReader {
  readonly #tokens: readonly Token[];
  readonly #at: number;
  readonly #variables: string[];
  #next = 0;

  constructor(tokens: readonly Token[], at: number, variables: string[]) {
    this.#tokens = tokens;
    this.#at = at;
    this.#variables = variables;
  }

  get isDone(): boolean {
    this.#skip();
    return this.#next >= this.#tokens.length;
  }

  /** The word that the action begins with, if it is one of the language; it is taken then. */
  keyword(): string | undefined {
    this.#skip();
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'word' || !KEYWORDS.has(token.text)) return undefined;
    this.#next++;
    return token.text;
  }

  name(of: string): string {
    this.#skip();
    const token = this.#tokens[this.#next++];
    if (token?.kind !== 'string') throw this.#unexpected(token, `the name after {{${of}}}, in quotes`);
    return stringOf(token);
  }

  finish(): void {
    if (!this.isDone) throw this.#unexpected(this.#tokens[this.#next], 'the end of the action');
  }

  /** To the end of the action, or to the parenthesis that closes it. */
  pipeline({ inRange = false, inParen = false } = {}): Pipeline {
    this.#skip();
    const at = this.#tokens[this.#next]?.at ?? this.#at;
    const { variables, declares } = inParen ? { variables: [], declares: false } : this.#assigned(inRange);
    const commands: Command[] = [];
    do commands.push(this.#command());
    while (this.#take('|'));
    if (!inParen) this.finish();
    else if (!this.#take(')')) throw this.#unexpected(this.#tokens[this.#next], 'a closing parenthesis');
    for (const [index, command] of commands.entries()) {
      const [first] = command.operands;
      if (
        index > 0 &&
        first &&
        (first.kind === 'constant' || (first.kind === 'dot' && first.fields.length === 0))
      )
        throw new TemplateError(command.at, `non executable command in pipeline stage ${index + 1}`);
    }
    if (declares) this.#variables.push(...variables);
    return { variables, declares, commands, at };
  }

  /** `$x :=`, `$x =`, and in a range `$i, $e :=`. */
  #assigned(inRange: boolean): { variables: string[]; declares: boolean } {
    const start = this.#next;
    const variables: string[] = [];
    do {
      this.#skip();
      const token = this.#tokens[this.#next];
      if (token?.kind !== 'variable') break;
      variables.push(token.text);
      this.#next++;
    } while (inRange && variables.length < 2 && this.#take(','));
    const declares = variables.length > 0 && this.#take(':=');
    if (declares) return { variables, declares };
    if (variables.length > 0 && this.#take('=')) {
      for (const name of variables) this.#check(name, this.#tokens[start]?.at ?? this.#at);
      return { variables, declares: false };
    }
    this.#next = start;
    return { variables: [], declares: false };
  }

  #command(): Command {
    this.#skip();
    const at = this.#tokens[this.#next]?.at ?? this.#at;
    const operands: Operand[] = [];
    for (;;) {
      this.#skip();
      const token = this.#tokens[this.#next];
      if (!token || (token.kind === 'mark' && (token.text === '|' || token.text === ')'))) break;
      operands.push(this.#operand());
    }
    if (operands.length === 0) throw new TemplateError(at, 'missing value for command');
    return { operands, at };
  }

  #operand(): Operand {
    const token = this.#tokens[this.#next++];
    if (!token) throw this.#unexpected(token, 'a value');
    const { at } = token;
    switch (token.kind) {
      case 'string':
        return { kind: 'constant', value: stringOf(token), at };
      case 'number':
        return { kind: 'constant', value: numberOf(token), at };
      case 'char':
        return {
          kind: 'constant',
          value: BigInt(unescapeString(token.text.slice(1, -1)).codePointAt(0) ?? 0),
          at,
        };
      case 'variable':
        this.#check(token.text, at);
        return { kind: 'variable', name: token.text, fields: this.#fields(), at };
      case 'field':
        return { kind: 'dot', fields: [token.text.slice(1), ...this.#fields()], at };
      case 'word': {
        if (token.text === 'true' || token.text === 'false')
          return { kind: 'constant', value: token.text === 'true', at };
        if (token.text === 'nil') return { kind: 'constant', value: undefined, at };
        if (!functionNames.has(token.text))
          throw new TemplateError(at, `function "${token.text}" not defined`);
        return { kind: 'function', name: token.text, fields: this.#fields(), at };
      }
      case 'mark':
        if (token.text === '.') return { kind: 'dot', fields: [], at };
        if (token.text === '(') {
          const pipeline = this.pipeline({ inParen: true });
          return { kind: 'pipeline', pipeline, fields: this.#fields(), at };
        }
        throw this.#unexpected(token, 'a value');
      case 'space':
        throw this.#unexpected(token, 'a value');
    }
  }

  /** Fields that follow without a space. */
  #fields(): string[] {
    const fields: string[] = [];
    for (let token = this.#tokens[this.#next]; token?.kind === 'field'; token = this.#tokens[++this.#next])
      fields.push(token.text.slice(1));
    return fields;
  }

  #check(name: string, at: number): void {
    if (!this.#variables.includes(name)) throw new TemplateError(at, `undefined variable "${name}"`);
  }

  #take(mark: string): boolean {
    this.#skip();
    const token = this.#tokens[this.#next];
    if (token?.kind !== 'mark' || token.text !== mark) return false;
    this.#next++;
    return true;
  }

  #skip(): void {
    while (this.#tokens[this.#next]?.kind === 'space') this.#next++;
  }

  #unexpected(token: Token | undefined, wanted: string): TemplateError {
    const seen = token ? JSON.stringify(token.text) : 'the end of the action';
    return new TemplateError(token?.at ?? this.#at, `expected ${wanted}, got ${seen}`);
  }
}

const KEYWORDS = new Set([
  'if',
  'else',
  'end',
  'range',
  'with',
  'define',
  'block',
  'template',
  'break',
  'continue',
]);

function stringOf({ text }: Token): string {
  return text.startsWith('`') ? text.slice(1, -1) : unescapeString(text.slice(1, -1));
}

/** Whole numbers are Go's int, others float64: they are not compared with each other. */
function numberOf({ text, at }: Token): number | bigint {
  const plain = text.replaceAll('_', '');
  const [, sign, digits] = /^([+-]?)(.*)$/.exec(plain) ?? [];
  try {
    if (/^(0[xXbBoO])?[\da-fA-F]+$/.test(digits ?? '') && !/^\d+[eE]/.test(digits ?? ''))
      return BigInt(digits ?? '') * (sign === '-' ? -1n : 1n);
  } catch {
    // It is told below.
  }
  const number = Number(plain);
  if (Number.isNaN(number)) throw new TemplateError(at, `bad number syntax: "${text}"`);
  return number;
}
