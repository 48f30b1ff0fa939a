import { type IncomingMessage, request } from 'node:http';
import { type Clock, realClock } from '../../clock.ts';
import { exitCodes, MisfortuneError } from '../../errors.ts';
import type { GameEvent } from '../../log/events.ts';
import type { Action, Preimage } from '../../recorder/action.ts';
import type { OpenedPlaybook } from '../open-playbook.ts';
import type { News } from './news.ts';
import type { ConductorAddress, Declaration, DeclarationAnswer, GameInfo, Role } from './protocol.ts';
import type { DeskAnswer, DeskRequest } from './requests.ts';

/** What a responder's recorder and commands ask of a game. Errors: MisfortuneError. */
export interface ResponderClient {
  game(): Promise<GameInfo>;
  /** Refs of live objects that begin with or contain the prefix. */
  origins(prefix: string): Promise<string[]>;
  /** A playbook that a firing alert leads to; it is recorded as a look of `who`. */
  playbook(name: string, who: string): Promise<OpenedPlaybook>;
  /** Comes when there are any after event number `since`, or without any after 20 s. */
  news(since: number): Promise<News>;
  declare(declaration: Declaration): Promise<DeclarationAnswer>;
  actions(actions: Action[]): Promise<void>;
  preimages(preimages: Preimage[]): Promise<void>;
}

/** A conductor as TUI, recorder and the responder's commands reach it on its own machine. */
export interface ConductorClient extends ResponderClient {
  readonly address: ConductorAddress;
  readonly role: Role;
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
  return {
    address,
    role,
    ...responderClient(async ({ method, path, body }) => {
      const response = await open(address, role, method, path, body);
      return { status: response.statusCode ?? 0, body: await textOf(response) };
    }),
    events: (options) => follow(address, role, clock, options),
    async history() {
      const events: GameEvent[] = [];
      const response = await open(address, role, 'GET', '/events?since=0&follow=false');
      if (response.statusCode !== 200) throw await refused(response);
      for await (const event of lines(response)) events.push(event);
      return events;
    },
  };
}

/** The requests of a responder over whatever carries them; an answer that is none of success is thrown. */
export function responderClient(send: (request: DeskRequest) => Promise<DeskAnswer>): ResponderClient {
  const call = async <T>(method: string, path: string, content?: unknown): Promise<T> => {
    const body = content === undefined ? {} : { body: JSON.stringify(content) };
    const answer = await send({ method, path, ...body });
    if (answer.status >= 300) throw refusal(answer);
    return (answer.body === '' ? undefined : JSON.parse(answer.body)) as T;
  };
  return {
    game: () => call('GET', '/game'),
    origins: (prefix) => call('GET', `/origins?prefix=${encodeURIComponent(prefix)}`),
    playbook: (name, who) => call('POST', '/playbook', { name, who }),
    news: (since) => call('GET', `/news?since=${since}`),
    declare: (declaration) => call('POST', '/declarations', declaration),
    actions: (actions) => call('POST', '/actions', { actions }),
    preimages: (preimages) => call('POST', '/preimages', { preimages }),
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
      if (response.statusCode !== 200) throw await refused(response);
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
  body?: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const payload = body === undefined ? undefined : Buffer.from(body);
  const headers = {
    authorization: `Bearer ${address.tokens[role]}`,
    ...(payload ? { 'content-type': 'application/json', 'content-length': payload.length } : {}),
  };
  return new Promise((resolve, reject) => {
    // A connection each: the socket is local, and a kept one would hold a process open.
    const options = { socketPath: address.socket, method, path, headers, signal, agent: false as const };
    const outgoing = request(options, resolve);
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

async function refused(response: IncomingMessage): Promise<MisfortuneError> {
  return refusal({ status: response.statusCode ?? 0, body: await textOf(response) });
}

function refusal({ status, body }: DeskAnswer): MisfortuneError {
  const exitCode = status === 403 || status === 409 ? exitCodes.refused : exitCodes.usage;
  try {
    const { error } = JSON.parse(body) as { error: { code: string; message: string; todo?: string } };
    return new MisfortuneError(error.code, error.message, { todo: error.todo, exitCode });
  } catch {
    return new MisfortuneError('conductor-error', `The game answered ${status}: ${body.slice(0, 200)}`, {
      exitCode,
    });
  }
}

function gone(address: ConductorAddress, cause: Error): MisfortuneError {
  return new MisfortuneError('conductor-gone', `Game ${address.game} does not answer: ${cause.message}`, {
    todo: 'The game may be over. `misfortune recover` restores what it left in the cluster.',
    exitCode: exitCodes.unavailable,
    cause,
  });
}

/** The connection broke while events were coming. */
function isBroken(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ECONNRESET' || code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}
