/** What a line of shell is made of: the part of POSIX sh that a container's one-liners use. */

export type WordPart =
  | { kind: 'text'; text: string; quoted: boolean }
  | { kind: 'variable'; name: string; quoted: boolean; operator?: string; operand?: Word }
  | { kind: 'command'; script: Script; quoted: boolean }
  | { kind: 'arithmetic'; text: string; quoted: boolean };

export type Word = WordPart[];

export interface Redirect {
  fd: number;
  operator: '<' | '>' | '>>' | '>&' | '<<';
  target: Word;
}

export interface Assignment {
  name: string;
  value: Word;
}

export type Command =
  | { kind: 'simple'; assignments: Assignment[]; words: Word[]; redirects: Redirect[] }
  | { kind: 'group'; body: Script; subshell: boolean; redirects: Redirect[] }
  | { kind: 'if'; branches: { condition: Script; body: Script }[]; otherwise?: Script; redirects: Redirect[] }
  | { kind: 'loop'; until: boolean; condition: Script; body: Script; redirects: Redirect[] }
  | { kind: 'for'; name: string; words: Word[] | undefined; body: Script; redirects: Redirect[] }
  | { kind: 'case'; subject: Word; branches: { patterns: Word[]; body: Script }[]; redirects: Redirect[] };

export interface Pipeline {
  negated: boolean;
  commands: Command[];
}

export interface AndOr {
  first: Pipeline;
  rest: { operator: '&&' | '||'; pipeline: Pipeline }[];
  background: boolean;
}

export type Script = AndOr[];

export class SyntaxProblem extends Error {}
