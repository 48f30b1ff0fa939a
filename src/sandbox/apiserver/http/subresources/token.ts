/** serviceaccounts/token: TokenRequest. */
import type { KubeObject } from '../../../api.ts';
import { defaultAudience } from '../../auth/tokens.ts';
import type { ResourceDefinition } from '../../kinds/definition.ts';
import { timestamp } from '../../names.ts';
import { invalid, notFound } from '../../status.ts';
import { invalidValue } from '../../validation/rules.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { sendJson } from '../respond.ts';

const tokenKind = {
  group: 'authentication.k8s.io',
  version: 'v1',
  kind: 'TokenRequest',
  model: 'AuthenticationV1TokenRequest',
};

const bindable: Record<string, string> = { Pod: 'pods', Secret: 'secrets', Node: 'nodes' };

export async function issueToken(call: Call, definition: ResourceDefinition): Promise<void> {
  const request = await readObject<KubeObject>(call, tokenKind);
  const { api, tokens, clock } = call.context;
  const { namespace, name = '' } = call.info;
  const seconds: number = request.spec?.expirationSeconds ?? 3600;
  // pkg/apis/authentication/validation
  const wrong =
    seconds < 600
      ? 'may not specify a duration less than 10 minutes'
      : seconds > 2 ** 32
        ? 'may not specify a duration larger than 2^32 seconds'
        : undefined;
  if (wrong) throw invalid(tokenKind, '', [invalidValue('spec.expirationSeconds', seconds, wrong)]);
  const account = api.operations.get(definition, namespace, name);
  const bound = request.spec?.boundObjectRef ?? null;
  if (bound) checkBound(call, bound);
  const audiences: string[] = request.spec?.audiences ?? [defaultAudience];
  const { token, expires } = tokens.issue(account, seconds, audiences);
  sendJson(call, 201, {
    kind: 'TokenRequest',
    apiVersion: 'authentication.k8s.io/v1',
    metadata: { name, namespace, uid: account.metadata.uid, creationTimestamp: timestamp(clock.now()) },
    spec: { audiences, expirationSeconds: seconds, boundObjectRef: bound },
    status: { token, expirationTimestamp: timestamp(expires) },
  });
}

function checkBound(call: Call, bound: { kind?: string; name?: string }): void {
  const plural = bindable[bound.kind ?? ''] ?? 'pods';
  const found = call.context.api.get(plural, call.info.namespace, bound.name ?? '');
  if (!found) throw notFound({ plural, group: '' }, bound.name ?? '');
}
