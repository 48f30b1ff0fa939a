/** Reads request bodies: JSON, YAML or protobuf into plain values. */
import type { IncomingMessage } from 'node:http';
import { parse as parseYaml } from 'yaml';
import { ApiError } from '../../api.ts';

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

/** The JSON parser's complaint in the words of Go's, which clients show. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SyntaxError(goSyntaxError(text, (error as Error).message));
  }
}

export function parseYamlBody(text: string): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    const line = /at line (\d+)/.exec((error as Error).message)?.[1] ?? '1';
    throw new SyntaxError(
      `error converting YAML to JSON: yaml: line ${line}: did not find expected node content`,
    );
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
