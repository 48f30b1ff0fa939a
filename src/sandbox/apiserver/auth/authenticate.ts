/** Who is asking: bearer tokens, nobody, or somebody whom an allowed caller impersonates. */
import type { IncomingHttpHeaders } from 'node:http';
import { ApiError } from '../../api.ts';

export interface User {
  name: string;
  groups: string[];
  uid?: string;
  extra?: Record<string, string[]>;
}

export const anonymous: User = { name: 'system:anonymous', groups: ['system:unauthenticated'] };

export interface Authenticator {
  /** undefined for a token that is not known. */
  userOf(token: string): User | undefined;
}

/** Throws ApiError 401 for a token that is not known; no token at all is anonymous. */
export function authenticate(headers: IncomingHttpHeaders, authenticator: Authenticator): User {
  const token = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1];
  if (token === undefined) return anonymous;
  const user = authenticator.userOf(token);
  if (!user) throw new ApiError(401, 'Unauthorized', 'Unauthorized');
  return { ...user, groups: [...new Set([...user.groups, 'system:authenticated'])] };
}

/** The user that Impersonate-* headers name; undefined without them. */
export function impersonated(headers: IncomingHttpHeaders): User | undefined {
  const name = headers['impersonate-user'];
  if (typeof name !== 'string') return undefined;
  const group = headers['impersonate-group'];
  const groups = group === undefined ? [] : String(group).split(/,\s*/);
  const account = /^system:serviceaccount:([^:]+):[^:]+$/.exec(name);
  if (account && groups.length === 0)
    groups.push('system:serviceaccounts', `system:serviceaccounts:${account[1]}`);
  if (name !== anonymous.name && !groups.includes('system:unauthenticated'))
    groups.push('system:authenticated');
  if (name === anonymous.name) groups.push('system:unauthenticated');
  return { name, groups: [...new Set(groups)] };
}
