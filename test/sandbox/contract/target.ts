/** The server that cases are replayed against: over HTTPS with tokens, and by kubectl. */

import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { parse as parseYaml } from 'yaml';
import type { Kubectl } from '../../kubectl.ts';
import type { Request } from './cases.ts';

export interface Target {
  /** https://host:port */
  url: string;
  caPem: string;
  /** Of an administrator: a token, or a certificate with its key. */
  admin: { token: string } | { cert: string; key: string };
  kubeconfig: string;
  /** Absent: no case that is replayed has a kubectl command. */
  kubectl?: Kubectl;
  /** Fields that this server is too old for: left out of what is compared, on both sides. */
  laterFields?: ReadonlySet<string>;
  /** Before 1.24 a ServiceAccount gets a Secret with its token. */
  makesTokenSecrets?: boolean;
  /** Seconds that a wait may last. */
  patience: number;
}

export interface Answer {
  status: number;
  contentType: string;
  headers: IncomingMessage['headers'];
  warnings: string[];
  text: string;
}

const agents = new Map<string, Agent>();

/** A certificate belongs to the connection: who calls without it needs another one. */
function agentOf({ url, caPem, admin }: Target, asAdmin: boolean): Agent {
  const name = `${url} ${asAdmin}`;
  const own = asAdmin && 'cert' in admin ? admin : {};
  const found = agents.get(name) ?? new Agent({ keepAlive: true, ca: caPem, ...own });
  agents.set(name, found);
  return found;
}

/** The cluster of a kubeconfig's current context. Credentials must stand in the file itself. */
export function targetOf(kubeconfig: string, patience: number): Target {
  const {
    clusters,
    users,
    contexts,
    'current-context': current,
  } = parseYaml(readFileSync(kubeconfig, 'utf8'));
  const named = <T>(list: ({ name: string } & T)[], name: string) => list.find((one) => one.name === name)!;
  const { context } = named<{ context: { cluster: string; user: string } }>(contexts, current);
  const { cluster } = named<{ cluster: Record<string, string> }>(clusters, context.cluster);
  const { user } = named<{ user: Record<string, string> }>(users, context.user);
  const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString('utf8');
  const admin = user.token
    ? { token: user.token }
    : { cert: text(user['client-certificate-data']), key: text(user['client-key-data']) };
  const caPem = text(cluster['certificate-authority-data']);
  return { url: cluster.server!, caPem, admin, kubeconfig, patience };
}

/** Sends a request and hands over the open response. */
export function open(target: Target, request: Request): Promise<IncomingMessage> {
  const url = new URL(request.path, target.url);
  for (const [key, value] of Object.entries(request.query ?? {})) {
    for (const item of [value].flat()) url.searchParams.append(key, item);
  }
  // A text in place of a JSON body was sent as it stands, too.
  const text = request.bodyText ?? (typeof request.body === 'string' ? request.body : undefined);
  const body = text ?? (request.body === undefined ? undefined : JSON.stringify(request.body));
  const headers: Record<string, string> = { ...request.headers };
  const { as } = request;
  const asAdmin = !as || 'impersonate' in as;
  if (asAdmin && 'token' in target.admin) headers.Authorization = `Bearer ${target.admin.token}`;
  if (as && 'token' in as) headers.Authorization = `Bearer ${as.token}`;
  if (as && 'impersonate' in as) headers['Impersonate-User'] = as.impersonate;
  if (body !== undefined) headers['Content-Length'] = String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const agent = agentOf(target, asAdmin);
    const call = httpsRequest(url, { method: request.method, headers, agent }, resolve);
    call.on('error', reject);
    call.end(body);
  });
}

export async function send(target: Target, request: Request): Promise<Answer> {
  const response = await open(target, request);
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString('utf8');
  return { ...headOf(response), text };
}

export function headOf(response: IncomingMessage): Omit<Answer, 'text'> {
  const warnings: string[] = [];
  for (let index = 0; index < response.rawHeaders.length; index += 2) {
    if (response.rawHeaders[index]!.toLowerCase() === 'warning')
      warnings.push(response.rawHeaders[index + 1]!);
  }
  const contentType = response.headers['content-type'] ?? '';
  return { status: response.statusCode ?? 0, contentType, headers: response.headers, warnings };
}

export async function getJson(
  target: Target,
  path: string,
  query?: Request['query'],
): Promise<Answer & { body: unknown }> {
  const answer = await send(target, { method: 'GET', path, query, headers: { Accept: 'application/json' } });
  return { ...answer, body: parse(answer.text) };
}

export function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
