/** Tokens: fixed ones of the people who play, and those made for ServiceAccounts by TokenRequest. */
import { createHmac, randomBytes, randomUUID } from 'node:crypto';
import type { Api, KubeObject } from '../../api.ts';
import type { Authenticator, User } from './authenticate.ts';

export interface TokenIssuer extends Authenticator {
  /** A token for a ServiceAccount that is valid for `seconds`. */
  issue(account: KubeObject, seconds: number, audiences: string[]): { token: string; expires: number };
}

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
export const defaultAudience = 'https://kubernetes.default.svc.cluster.local';

/** `fixed` maps tokens to users; `now` in ms. */
export function createTokens(api: Api, fixed: ReadonlyMap<string, User>, now: () => number): TokenIssuer {
  const key = randomBytes(32);
  const sign = (content: string) => createHmac('sha256', key).update(content).digest('base64url');

  return {
    issue(account, seconds, audiences) {
      const issued = Math.floor(now() / 1000);
      const { name, namespace, uid } = account.metadata;
      const claims = {
        aud: audiences,
        exp: issued + seconds,
        iat: issued,
        iss: defaultAudience,
        jti: randomUUID(),
        'kubernetes.io': { namespace, serviceaccount: { name, uid } },
        nbf: issued,
        sub: `system:serviceaccount:${namespace}:${name}`,
      };
      const content = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
      return { token: `${content}.${sign(content)}`, expires: (issued + seconds) * 1000 };
    },
    userOf(token) {
      const user = fixed.get(token);
      if (user) return user;
      const [header, payload, signature] = token.split('.');
      if (!header || !payload || sign(`${header}.${payload}`) !== signature) return undefined;
      return accountOf(api, JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), now());
    },
  };
}

interface Claims {
  exp: number;
  aud: string[];
  jti: string;
  'kubernetes.io': { namespace: string; serviceaccount: { name: string; uid: string } };
}

function accountOf(api: Api, claims: Claims, now: number): User | undefined {
  const { namespace, serviceaccount } = claims['kubernetes.io'];
  const account = api.get('serviceaccounts', namespace, serviceaccount.name);
  const isCurrent = account?.metadata.uid === serviceaccount.uid && claims.exp * 1000 > now;
  if (!isCurrent || !claims.aud.includes(defaultAudience)) return undefined;
  return {
    name: `system:serviceaccount:${namespace}:${serviceaccount.name}`,
    uid: serviceaccount.uid,
    groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`],
    extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${claims.jti}`] },
  };
}
