import { type IncomingMessage, request } from 'node:http';
import { type Clock, realClock } from '../clock.ts';
import { exitCodes, MisfortuneError } from '../errors.ts';
import type { GameEvent } from '../log/events.ts';
import type { Action, Preimage } from '../recorder/action.ts';
import type { ConductorAddress, Declaration, DeclarationAnswer, GameInfo, Role } from './protocol.ts';

/** A conductor as TUI, recorder and the responder's commands reach it. Errors: MisfortuneError. */
export interface ConductorClient {
  readonly address: ConductorAddress;
  readonly role: Role;
  game(): Promise<GameInfo>;
  /** Refs of live objects that begin with or contain the prefix. */
  origins(prefix: string): Promise<string[]>;
  declare(declaration: Declaration): Promise<DeclarationAnswer>;
  actions(actions: Action[]): Promise<void>;
  preimages(preimages: Preimage[]): Promise<void>;
  /**
   * Events after number `since`, as they come; takes up again where a broken connection left off. Ends after
   * `closed`, when the conductor is gone for good, or when the signal fires.
   */
  events(options?: { since?: number; signal?: AbortSignal }): AsyncGenerator<GameEvent>;
  /** Every event up to now. For a responder complete only from the debrief on. */
  history(): Promise<GameEvent[]>;
}

export function connectConductor(
  address: ConductorAddress,
  role: Role,
  clock: Clock = realClock,
): ConductorClient {
  const call = async <T>(method: string, path: string, body?: unknown): Promise<T> => {
    const response = await open(address, role, method, path, body);
    const text = await textOf(response);
    return (text === '' ? undefined : JSON.parse(text)) as T;
  };
  return {
    address,
    role,
    game: () => call('GET', '/game'),
    origins: (prefix) => call('GET', `/origins?prefix=${encodeURIComponent(prefix)}`),
    declare: (declaration) => call('POST', '/declarations', declaration),
    actions: (actions) => call('POST', '/actions', { actions }),
    preimages: (preimages) => call('POST', '/preimages', { preimages }),
    events: (options) => follow(address, role, clock, options),
    async history() {
      const events: GameEvent[] = [];
      const response = await open(address, role, 'GET', '/events?since=0&follow=false');
      for await (const event of lines(response)) events.push(event);
      return events;
    },
  };
}

/** Between attempts to take a broken stream up again, ms; after the last the conductor counts as gone. */
const retries = [50, 200, 500, 1000];

async function* follow(
  address: ConductorAddress,
  role: Role,
  clock: Clock,
  { since = 0, signal }: { since?: number; signal?: AbortSignal } = {},
): AsyncGenerator<GameEvent> {
  let seen = since;
  let attempt = 0;
  while (!signal?.aborted) {
    try {
      const response = await open(address, role, 'GET', `/events?since=${seen}`, undefined, signal);
      for await (const event of lines(response)) {
        seen = event.seq;
        attempt = 0;
        yield event;
        if (event.type === 'closed') return;
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (!(error instanceof MisfortuneError && error.code === 'conductor-gone') && !isBroken(error))
        throw error;
    }
    const wait = retries[attempt++];
    if (wait === undefined) return;
    try {
      await clock.sleep(wait, signal);
    } catch {
      return;
    }
  }
}

function open(
  address: ConductorAddress,
  role: Role,
  method: string,
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
  const headers = {
    authorization: `Bearer ${address.tokens[role]}`,
    ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
  };
  return new Promise((resolve, reject) => {
    // A connection each: the socket is local, and a kept one would hold a process open.
    const options = { socketPath: address.socket, method, path, headers, signal, agent: false as const };
    const outgoing = request(options, (response) => {
      const { statusCode = 0 } = response;
      if (statusCode < 300) resolve(response);
      else textOf(response).then((text) => reject(refusal(statusCode, text)), reject);
    });
    outgoing.on('error', (cause) => reject(gone(address, cause)));
    outgoing.end(payload);
  });
}

async function* lines(response: IncomingMessage): AsyncGenerator<GameEvent> {
  let rest = '';
  try {
    for await (const chunk of response.setEncoding('utf8') as AsyncIterable<string>) {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      for (const line of parts) yield JSON.parse(line) as GameEvent;
    }
  } finally {
    response.destroy();
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

function refusal(status: number, text: string): MisfortuneError {
  const exitCode = status === 403 || status === 409 ? exitCodes.refused : exitCodes.usage;
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string; todo?: string } };
    return new MisfortuneError(error.code, error.message, { todo: error.todo, exitCode });
  } catch {
    return new MisfortuneError('conductor-error', `The game answered ${status}: ${text.slice(0, 200)}`, {
      exitCode,
    });
  }
}

function gone(address: ConductorAddress, cause: Error): MisfortuneError {
  return new MisfortuneError('conductor-gone', `Game ${address.game} does not answer: ${cause.message}`, {
    todo: 'It may be over. If something is left in the cluster, `misfortune recover` restores it.',
    exitCode: exitCodes.unavailable,
    cause,
  });
}

/** The connection broke while events were coming. */
function isBroken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
