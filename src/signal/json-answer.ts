import type { Answer, Endpoint } from './http.ts';

/** The JSON of an answer; an error with the system's own message where it refused. */
export function jsonOf<T>(endpoint: Endpoint, { status, body }: Answer): T {
  const parsed = parseJson(body);
  if (status < 400 && parsed !== undefined) return parsed as T;
  const { message } = (parsed ?? {}) as { message?: string };
  const text = message ?? (typeof parsed === 'string' ? parsed : undefined);
  if (text !== undefined) throw endpoint.error('error', `${endpoint.url} says: ${text} (HTTP ${status})`);
  const said = body.trim().startsWith('<') ? 'a web page' : `"${body.trim().slice(0, 200)}"`;
  throw endpoint.error('unavailable', `Expected JSON from ${endpoint.url}, got HTTP ${status} and ${said}.`, {
    todo: 'Is the address right, and are the credentials?',
  });
}

/** Parsed JSON, or undefined where it is none. */
export function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
