/** TokenReview and SelfSubjectReview. */
import type { User } from '../../auth/authenticate.ts';
import { defaultAudience } from '../../auth/tokens.ts';
import { timestamp } from '../../names.ts';
import { badRequest } from '../../status.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { sendJson } from '../respond.ts';

const group = 'authentication.k8s.io';

interface Review {
  spec?: { token?: string; audiences?: string[] };
}

export async function tokenReview(call: Call): Promise<void> {
  const kind = { group, version: 'v1', kind: 'TokenReview', model: 'V1TokenReview' };
  const { spec = {} } = await readObject<Review>(call, kind);
  if (!spec.token) throw badRequest('token is required for TokenReview in authentication');
  const status = reviewed(call, spec.token, spec.audiences);
  sendJson(call, 201, { kind: 'TokenReview', apiVersion: `${group}/v1`, metadata: {}, spec, status });
}

function reviewed(call: Call, token: string, audiences: string[] | undefined): unknown {
  const user = call.context.tokens.userOf(token);
  if (!user) return { user: {}, error: 'invalid bearer token' };
  if (audiences?.length && !audiences.includes(defaultAudience)) {
    const own = `[${JSON.stringify(defaultAudience)}]`;
    const wanted = `[${audiences.map((audience) => JSON.stringify(audience)).join(' ')}]`;
    const error = `[invalid bearer token, token audiences ${own} is invalid for the target audiences ${wanted}]`;
    return { user: {}, error };
  }
  const groups = [...new Set([...user.groups, 'system:authenticated'])];
  return { authenticated: true, user: userInfo({ ...user, groups }), audiences: [defaultAudience] };
}

function userInfo({ name, uid, groups, extra }: User): unknown {
  return { username: name, ...(uid ? { uid } : {}), groups, ...(extra ? { extra } : {}) };
}

export async function selfReview(call: Call): Promise<void> {
  await readObject<Review>(call, {
    group,
    version: 'v1',
    kind: 'SelfSubjectReview',
    model: 'V1SelfSubjectReview',
  });
  sendJson(call, 201, {
    kind: 'SelfSubjectReview',
    apiVersion: `${group}/v1`,
    metadata: { creationTimestamp: timestamp(call.context.clock.now()) },
    status: { userInfo: userInfo(call.user) },
  });
}
