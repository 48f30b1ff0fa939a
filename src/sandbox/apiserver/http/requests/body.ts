/** Reads request bodies: JSON, YAML or protobuf into plain values. */
import type { IncomingMessage } from 'node:http';
import { parse as parseYaml, YAMLParseError } from 'yaml';
import { ApiError } from '../../../api.ts';

/** Bytes. The real server's limit for writes. */
const bodyLimit = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) {
      throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${bodyLimit}`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export type BodyFormat = 'json' | 'yaml' | 'protobuf';

/** No header counts as JSON. Throws ApiError 415. */
export function bodyFormat(contentType: string | undefined): BodyFormat {
  const type = (contentType ?? 'application/json').split(';')[0]!.trim().toLowerCase();
  if (type === 'application/json' || type === '') return 'json';
  if (type === 'application/yaml') return 'yaml';
  if (type === 'application/vnd.kubernetes.protobuf') return 'protobuf';
  throw new ApiError(
    415,
    'UnsupportedMediaType',
    'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
  );
}

/** Arrays and objects within each other. Go's decoder takes ten times as many; what recurses here must not run out of stack. */
const deepest = 1000;

/** The JSON parser's complaint in the words of Go's, which clients show. */
export function parseJson(text: string): unknown {
  if (text.length > deepest && depthOf(text) > deepest) throw new SyntaxError('exceeded max depth');
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(goSyntaxError(text, (error as Error).message));
  }
}

/** Without regard to quotes: what looks like a bracket may be one. */
function bracketsOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/[{}[\]]/g)) {
    if (token === '{' || token === '[') most = Math.max(most, ++depth);
    else depth = Math.max(0, depth - 1);
  }
  return most;
}

function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    if (token === '{' || token === '[') most = Math.max(most, ++depth);
    else if (token === '}' || token === ']') depth -= 1;
  }
  return most;
}

/** Characters of a body that is YAML and not JSON: the parser takes half a second for them. */
const yamlLimit = 256 * 1024;

/** Throws SyntaxError in the words of the real server's, and ApiError 413. */
export function parseYamlBody(text: string): unknown {
  try {
    // Most of what comes as YAML is JSON, which is read many times faster.
    if (text.startsWith('{')) return parseJson(text);
  } catch {
    // Then it is YAML after all, or wrong as both.
  }
  if (text.length > yamlLimit) {
    throw new ApiError(413, 'RequestEntityTooLarge', `Request entity too large: limit is ${yamlLimit}`);
  }
  const fail = (line: number) =>
    new SyntaxError(`error converting YAML to JSON: yaml: line ${line}: did not find expected node content`);
  // The parser recurses as deep as the text does, slower with each level: a few are enough for any object.
  if (bracketsOf(text) > deepest / 2 || /^\s*(?:[-?]\s+){100}/m.test(text)) throw fail(1);
  try {
    // Looking for keys that stand twice takes the square of the time, and so do errors that quote the text.
    return parseYaml(text, { maxAliasCount: 100, uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  } catch (error) {
    const at = error instanceof YAMLParseError ? error.pos[0] : 0;
    throw fail(text.slice(0, at).split('\n').length);
  }
}

function goSyntaxError(text: string, message: string): string {
  const literal = /^\s*(n|t|f)/.exec(text)?.[1];
  if (literal) return literalError(text.trimStart(), literal);
  const position = Number(/position (\d+)/.exec(message)?.[1] ?? text.length);
  if (position >= text.length) return 'unexpected end of JSON input';
  return `invalid character '${text[position]}' looking for beginning of value`;
}

const literals: Record<string, string> = { n: 'null', t: 'true', f: 'false' };

function literalError(text: string, first: string): string {
  const word = literals[first]!;
  const at = [...word].findIndex((character, index) => text[index] !== character);
  if (at < 0) return `invalid character '${text[word.length]}' after top-level value`;
  if (at >= text.length) return 'unexpected end of JSON input';
  return `invalid character '${text[at]}' in literal ${word} (expecting '${word[at]}')`;
}
