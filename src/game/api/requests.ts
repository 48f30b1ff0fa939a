import type { z } from 'zod';
import { MisfortuneError } from '../../errors.ts';
import type { Action, Preimage } from '../../recorder/action.ts';
import { requestUrl } from '../../request-url.ts';
import type { OpenedPlaybook } from '../open-playbook.ts';
import type { News } from './news.ts';
import type { Declaration, DeclarationAnswer, GameInfo, Role } from './protocol.ts';
import { actionsSchema, declarationSchema, openSchema, preimagesSchema } from './protocol-schema.ts';

/** What the API asks of the conductor behind it. */
export interface Desk {
  info(): GameInfo;
  origins(prefix: string): Promise<string[]>;
  news(since: number): Promise<News>;
  /** A playbook that a firing alert leads to; that `who` opened it is recorded. */
  playbook(name: string, who: string): OpenedPlaybook;
  declare(declaration: Declaration): Promise<DeclarationAnswer>;
  actions(actions: Action[]): void;
  /** Resolves only when they are on disk. */
  preimages(preimages: Preimage[]): Promise<void>;
}

/** A request of the API, whatever carries it; the events are the socket's own. */
export interface DeskRequest {
  method: string;
  /** With query. */
  path: string;
  /** JSON. */
  body?: string;
}

export interface DeskAnswer {
  status: number;
  /** JSON; '' with 204. */
  body: string;
}

/** Does what a request asks; does not throw. */
export async function answerRequest(request: DeskRequest, role: Role, desk: Desk): Promise<DeskAnswer> {
  try {
    return await answer(request, role, desk);
  } catch (error) {
    return refusalOf(error);
  }
}

/** An answer other than 2xx. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export function refusalOf(error: unknown): DeskAnswer {
  const status = error instanceof Refusal ? error.status : error instanceof MisfortuneError ? 409 : 500;
  const code = error instanceof Refusal || error instanceof MisfortuneError ? error.code : 'internal';
  const message = error instanceof Error ? error.message : String(error);
  const todo = error instanceof MisfortuneError ? error.todo : undefined;
  return json({ error: { code, message, ...(todo ? { todo } : {}) } }, status);
}

async function answer({ method, path, body }: DeskRequest, role: Role, desk: Desk): Promise<DeskAnswer> {
  const url = requestUrl(path);
  switch (`${method} ${url.pathname}`) {
    case 'GET /game':
      return json(desk.info());
    case 'GET /origins':
      return json(await desk.origins(url.searchParams.get('prefix') ?? ''));
    case 'GET /news':
      return json(await desk.news(sequenceNumber(url)));
    case 'POST /declarations': {
      const declaration = parse(body, declarationSchema);
      if (role !== 'master' && (declaration.type === 'start' || declaration.type === 'nudge')) {
        throw new Refusal(403, 'not-yours', `Only the game master may ${declaration.type}.`);
      }
      return json(await desk.declare(declaration));
    }
    case 'POST /playbook': {
      const { name, who } = parse(body, openSchema);
      return json(desk.playbook(name, who));
    }
    case 'POST /actions':
      desk.actions(parse(body, actionsSchema).actions);
      return nothing;
    case 'POST /preimages':
      await desk.preimages(parse(body, preimagesSchema).preimages);
      return nothing;
    default:
      throw new Refusal(404, 'unknown-path', `There is no ${method} ${url.pathname}.`);
  }
}

/** The number of an event that a request asks from. */
export function sequenceNumber({ searchParams }: URL): number {
  const text = searchParams.get('since');
  if (text === null || /^\d{1,15}$/.test(text)) return Number(text ?? 0);
  throw new Refusal(400, 'wrong-since', `Expected the number of an event, got "${text}".`);
}

const nothing: DeskAnswer = { status: 204, body: '' };

function json(value: unknown, status = 200): DeskAnswer {
  return { status, body: JSON.stringify(value) };
}

function parse<T>(body: string | undefined, schema: z.ZodType<T>): T {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body ?? '');
  } catch {
    throw new Refusal(400, 'not-json', 'Expected a JSON body.');
  }
  const result = schema.safeParse(parsed);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, 'wrong-shape', `${issue?.path.join('.') || 'body'}: ${issue?.message}`);
}
