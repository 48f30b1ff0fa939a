import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Agent, request } from 'undici';
import type { Cluster } from '../cluster/cluster.ts';
import { type ExitCode, exitCodes, MisfortuneError } from '../errors.ts';

/** Where a monitoring system is: by URL, or as a service of the cluster through its API server. */
export interface EndpointOptions {
  url?: string;
  headers?: Record<string, string>;
  /** A file with a bearer token, read for each request so that a renewed one counts. `~` is the home folder. */
  tokenFile?: string;
  /** `namespace/name:port`, instead of `url`. */
  service?: string;
  /** Under that address, begins with a slash. */
  path?: string;
  /** Needed with `service`. */
  cluster?: Cluster;
  /** Per request, ms. Default 10 s. */
  timeoutMs?: number;
}

export interface Answer {
  status: number;
  body: string;
}

/** Sends requests to one monitoring system; errors carry the code `<part>-unavailable` or `<part>-error`. */
export class Endpoint {
  readonly url: string;
  readonly #part: string;
  readonly #options: EndpointOptions;
  readonly #agent: Agent | undefined;

  /** `part` is the name in error codes and texts: prometheus, alertmanager, grafana. */
  constructor(part: string, options: EndpointOptions) {
    this.#part = part;
    this.#options = options;
    if (options.service !== undefined) {
      if (!options.cluster) throw new Error('a service endpoint needs the cluster');
      this.url = `${options.cluster.server}${serviceProxy(options.service)}${options.path ?? ''}`;
    } else {
      this.url = (options.url ?? '').replace(/\/+$/, '') + (options.path ?? '');
      this.#agent = sharedAgent();
    }
  }

  async get(path: string, parameters: [string, string][] = [], signal?: AbortSignal): Promise<Answer> {
    const query = parameters.length > 0 ? `?${new URLSearchParams(parameters)}` : '';
    return await this.#send('GET', path + query, undefined, signal);
  }

  /** Form-encoded POST: queries may be longer than a URL may be. */
  async post(path: string, parameters: [string, string][], signal?: AbortSignal): Promise<Answer> {
    return await this.#send('POST', path, new URLSearchParams(parameters).toString(), signal);
  }

  /** The error for an answer or a failure of this system. */
  error(kind: 'unavailable' | 'error', message: string, options: { todo?: string; cause?: unknown } = {}) {
    const exitCode: ExitCode = exitCodes.unavailable;
    return new MisfortuneError(`${this.#part}-${kind}`, message, { exitCode, ...options });
  }

  /** All requests are questions: one that was refused for now is sent again, later and later. */
  async #send(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<Answer> {
    for (let retry = 0; ; retry++) {
      const { retryAfter, ...answer } = await this.#sendOnce(method, path, body, signal);
      const isBusy = answer.status === 429 || answer.status === 503;
      if (!isBusy || retry === backOff.retries) return answer;
      const wanted = Number(retryAfter) * 1000 || backOff.firstMs * 2 ** retry;
      await sleep(Math.min(wanted, backOff.mostMs), undefined, { signal });
    }
  }

  async #sendOnce(
    method: 'GET' | 'POST',
    path: string,
    body: string | undefined,
    signal?: AbortSignal,
  ): Promise<Answer & { retryAfter?: string }> {
    signal?.throwIfAborted();
    const headers: Record<string, string> = {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
      ...this.#options.headers,
      ...(await this.#token()),
    };
    const timeout = this.#options.timeoutMs ?? 10_000;
    const deadline = AbortSignal.timeout(timeout);
    const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
    try {
      if (this.#options.cluster && this.#options.service) {
        const target = serviceProxy(this.#options.service) + (this.#options.path ?? '') + path;
        return await this.#options.cluster.raw(target, { method, body, headers }, either);
      }
      const answer = await request(this.url + path, {
        method,
        body,
        headers,
        dispatcher: this.#agent,
        signal: either,
      });
      const retryAfter = [answer.headers['retry-after']].flat()[0];
      return { status: answer.statusCode, body: await answer.body.text(), ...(retryAfter && { retryAfter }) };
    } catch (cause) {
      signal?.throwIfAborted();
      if (deadline.aborted) {
        throw this.error('unavailable', `${this.url} gave no answer within ${timeout / 1000} s.`, { cause });
      }
      if (cause instanceof MisfortuneError) throw cause;
      throw this.error('unavailable', `${this.url} did not answer: ${reasonOf(cause)}.`, {
        cause,
        todo: `Is ${this.#part} up, and is its address right?`,
      });
    }
  }

  async #token(): Promise<Record<string, string>> {
    const { tokenFile } = this.#options;
    if (tokenFile === undefined) return {};
    const file = tokenFile.startsWith('~/') ? join(homedir(), tokenFile.slice(2)) : tokenFile;
    try {
      return { authorization: `Bearer ${(await readFile(file, 'utf8')).trim()}` };
    } catch (cause) {
      throw this.error('unavailable', `The token file ${file} of ${this.#part} cannot be read.`, { cause });
    }
  }
}

/** After 429 and 503. */
const backOff = { retries: 2, firstMs: 250, mostMs: 2_000 } as const;

function serviceProxy(service: string): string {
  const [namespace, target] = service.split('/');
  return `/api/v1/namespaces/${namespace}/services/${target}/proxy`;
}

let agent: Agent | undefined;

/** One pool for all systems. Idle connections are closed before Node's own servers do it (5 s). */
function sharedAgent(): Agent {
  agent ??= new Agent({ keepAliveTimeout: 4_000, connect: { timeout: 5_000 } });
  return agent;
}

function reasonOf(cause: unknown): string {
  const error = cause as NodeJS.ErrnoException & { errors?: Error[] };
  return error.message || error.errors?.[0]?.message || error.code || String(cause);
}
