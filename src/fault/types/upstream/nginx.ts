import { exitCodes, MisfortuneError } from '../../../errors.ts';

/** A `server` of an nginx upstream block, and where its parts stand in the text. */
export interface NginxServer {
  address: string;
  /** Offsets of the address as it is written, quotes included. */
  at: [number, number];
  /** Offsets of the whole directive, its semicolon included. */
  directive: [number, number];
  /** `weight=5`, `max_fails=0`, `backup`, with their offsets. */
  parameters: { text: string; at: [number, number] }[];
}

/**
 * The servers of an nginx configuration's upstream block. The text is read as nginx reads it: words, quoted ones too,
 * `{`, `}`, `;` and comments, so that what a comment or a string says is never taken for a server.
 * https://nginx.org/en/docs/http/ngx_http_upstream_module.html
 * None at all if there is no block. Throws MisfortuneError `bad-nginx`, `which-block`, `unknown-block`.
 */
export function nginxServers(text: string, block?: string): NginxServer[] {
  const blocks = upstreamBlocks(text);
  const names = blocks.map(({ name }) => name).join(', ');
  if (blocks.length > 1 && block === undefined)
    throw refused(
      'which-block',
      `There are ${blocks.length} upstream blocks.`,
      `Say which one with block: ${names}.`,
    );
  const chosen = blocks.find(({ name }) => block === undefined || name === block);
  if (!chosen && block === undefined) return [];
  if (!chosen)
    throw refused('unknown-block', `There is no upstream block ${block}.`, `There are: ${names || 'none'}.`);
  return chosen.servers;
}

/** Whether a text has upstream blocks of nginx. */
export function isNginx(text: string): boolean {
  return /(^|[\s;{}])upstream\s+[^\s;{}]+\s*(#[^\n]*\n\s*)*\{/.test(text);
}

interface Block {
  name: string;
  servers: NginxServer[];
}

interface Token {
  /** `word` without its quotes; `{`, `}` and `;` as they are. */
  text: string;
  word: boolean;
  at: [number, number];
}

function upstreamBlocks(text: string): Block[] {
  const blocks: Block[] = [];
  const open: (Block | undefined)[] = [];
  let directive: Token[] = [];
  for (const token of tokens(text)) {
    if (token.word) {
      directive.push(token);
      continue;
    }
    const [name, first] = directive;
    if (token.text === '{') {
      const isUpstream = name?.text === 'upstream' && first !== undefined && !open.some(Boolean);
      const block = isUpstream ? { name: first.text, servers: [] } : undefined;
      if (block) blocks.push(block);
      open.push(block);
    } else if (token.text === '}') {
      if (open.length === 0) throw unreadable(text, token.at[0], 'a "}" too many');
      open.pop();
    } else if (name?.text === 'server' && first) {
      open.at(-1)?.servers.push({
        address: first.text,
        at: first.at,
        directive: [name.at[0], token.at[1]],
        parameters: directive.slice(2).map(({ text: word, at }) => ({ text: word, at })),
      });
    }
    directive = [];
  }
  if (open.length > 0) throw unreadable(text, text.length, 'a "{" that is not closed');
  return blocks;
}

/** nginx' own words: quotes begin one only at its start, a backslash takes the next character as it is. */
function* tokens(text: string): Generator<Token> {
  let at = 0;
  while (at < text.length) {
    const char = text[at]!;
    if (/\s/.test(char)) at += 1;
    else if (char === '#') at = endOfLine(text, at);
    else if (char === '{' || char === '}' || char === ';') {
      yield { text: char, word: false, at: [at, at + 1] };
      at += 1;
    } else {
      const end = char === '"' || char === "'" ? endOfQuoted(text, at) : endOfWord(text, at);
      const quoted = char === '"' || char === "'" ? 1 : 0;
      yield { text: text.slice(at + quoted, end - quoted), word: true, at: [at, end] };
      at = end;
    }
  }
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf('\n', from);
  return end < 0 ? text.length : end;
}

function endOfQuoted(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === text[from]) return at + 1;
  }
  throw unreadable(text, from, 'a quote that is not closed');
}

/** `${name}` is part of a word, its braces too. */
function endOfWord(text: string, from: number): number {
  let at = from;
  while (at < text.length && !/[\s;{}]/.test(text[at]!)) {
    if (text[at] === '\\') at += 2;
    else if (text.startsWith('${', at)) at = Math.max(at + 2, text.indexOf('}', at) + 1);
    else at += 1;
  }
  return Math.min(at, text.length);
}

function unreadable(text: string, at: number, what: string): MisfortuneError {
  const line = text.slice(0, at).split('\n').length;
  return refused(
    'bad-nginx',
    `Line ${line} of the nginx configuration has ${what}.`,
    'Try it with `nginx -t`.',
  );
}

function refused(code: string, message: string, todo: string): MisfortuneError {
  return new MisfortuneError(code, message, { todo, exitCode: exitCodes.refused });
}
