import { Lexer, Parser } from 'yaml';

/** What a document may be at most. A real scenario has a few hundred lines; what is far beyond it only costs time. */
export const limits = {
  /** Bytes of a file. */
  bytes: 1024 * 1024,
  /** Mappings and lists inside each other. */
  depth: 64,
  /** Keys, values and marks of one file. */
  tokens: 50_000,
  /** Characters of a document, or of one param, whose `${…}` are filled in. */
  filled: 256 * 1024,
  /** Problems that are told of one file. */
  problems: 20,
} as const;

/** What of a source is over a limit, and where in it, in characters. */
export interface Excess {
  of: 'depth' | 'tokens';
  offset: number;
}

/**
 * The first thing in a YAML source that is over a limit, found in linear time: yaml's own parser of a whole document
 * needs quadratic time for many keys and for deep nesting.
 */
export function excessIn(source: string): Excess | undefined {
  const parser = new Parser();
  let tokens = 0;
  for (const lexeme of new Lexer().lex(source)) {
    const { offset } = parser;
    // The generator has to be run to its end; what it yields is not needed.
    for (const _ of parser.next(lexeme));
    // Besides what is nested, the document and a scalar are open.
    if (parser.stack.length > limits.depth + 2) return { of: 'depth', offset };
    if (lexeme.trim() !== '') tokens += 1;
    if (tokens > limits.tokens) return { of: 'tokens', offset };
  }
  return undefined;
}

/** Characters of a value's texts, keys included; shared parts count each time. Linear in the distinct parts. */
export function sizeOf(value: unknown): number {
  const known = new Map<object, number>();
  const measure = (part: unknown): number => {
    if (typeof part === 'string') return part.length;
    if (part === null || typeof part !== 'object') return 4;
    const seen = known.get(part);
    if (seen !== undefined) return seen;
    let size = 2;
    for (const [key, item] of Object.entries(part))
      size += (Array.isArray(part) ? 1 : key.length) + measure(item);
    known.set(part, size);
    return size;
  };
  return measure(value);
}
