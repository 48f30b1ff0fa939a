/** Writes answers. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { stringify } from 'yaml';
import { ApiError } from '../../api.ts';
import { statusBody } from '../status.ts';

/** Answers from this size on are compressed for those who can read it, as the real server does. */
const compressFrom = 128 * 1024;

export interface Exchange {
  request: IncomingMessage;
  response: ServerResponse;
  url: URL;
  format: 'json' | 'yaml';
  /** Texts of Warning headers. */
  warnings: string[];
}

export function sendJson(exchange: Exchange, code: number, body: unknown, contentType?: string): void {
  const pretty = ['1', 'true'].includes(exchange.url.searchParams.get('pretty') ?? '');
  const text =
    exchange.format === 'yaml'
      ? stringify(body, { sortMapEntries: true, lineWidth: 0, schema: 'yaml-1.1', version: '1.1' })
      : pretty
        ? JSON.stringify(body, null, 2)
        : `${JSON.stringify(body)}\n`;
  send(exchange, code, text, contentType ?? `application/${exchange.format}`);
}

export function send(exchange: Exchange, code: number, text: string, contentType: string): void {
  const { request, response } = exchange;
  let body: Buffer | string = text;
  response.statusCode = code;
  response.setHeader('Content-Type', contentType);
  response.setHeader('Cache-Control', 'no-cache, private');
  setWarnings(exchange);
  if (text.length >= compressFrom && /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''))) {
    body = gzipSync(text, { level: 1 });
    response.setHeader('Content-Encoding', 'gzip');
    response.setHeader('Vary', 'Accept-Encoding');
  }
  response.setHeader('Content-Length', Buffer.byteLength(body));
  response.end(request.method === 'HEAD' ? undefined : body);
}

export function setWarnings({ response, warnings }: Exchange): void {
  if (warnings.length === 0 || response.headersSent) return;
  response.setHeader(
    'Warning',
    shortened(warnings).map((text) => `299 - ${quoted(text)}`),
  );
}

/** Characters of all warnings together, and of one when they are more (apiserver/pkg/endpoints/filters/warning.go). */
const [allWarnings, oneWarning] = [4096, 256];

function shortened(warnings: readonly string[]): string[] {
  const size = (texts: readonly string[]) => texts.reduce((sum, { length }) => sum + length, 0);
  if (size(warnings) <= allWarnings) return [...warnings];
  const cut = warnings.map((text) => text.slice(0, oneWarning));
  return cut.filter((_, index) => size(cut.slice(0, index + 1)) <= allWarnings);
}

/** A header holds ASCII only. */
function quoted(text: string): string {
  return JSON.stringify(text).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Any error as a Status; one that is not of the API is a 500 and is told to `report`. */
export function sendError(exchange: Exchange, error: unknown, report: (error: unknown) => void): void {
  if (exchange.response.headersSent) {
    exchange.response.destroy();
    return;
  }
  if (!(error instanceof ApiError)) report(error);
  const known =
    error instanceof ApiError
      ? error
      : new ApiError(500, 'InternalError', `Internal error occurred: ${(error as Error).message}`);
  const retry = known.details?.retryAfterSeconds;
  if (typeof retry === 'number') exchange.response.setHeader('Retry-After', String(retry));
  sendJson(exchange, known.code, statusBody(known), `application/${exchange.format}`);
}

export function sendPlain404(exchange: Exchange): void {
  exchange.response.setHeader('X-Content-Type-Options', 'nosniff');
  send(exchange, 404, '404 page not found\n', 'text/plain; charset=utf-8');
}
