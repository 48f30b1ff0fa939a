/** SelfSubjectAccessReview, SubjectAccessReview, LocalSubjectAccessReview and SelfSubjectRulesReview. */
import type { V1SelfSubjectRulesReviewSpec, V1SubjectAccessReviewSpec } from '@kubernetes/client-node';
import type { Unvalidated } from '../../../../kubernetes.ts';
import type { User } from '../../auth/authenticate.ts';
import { type Act, allowedBy, grantsOf, type Rule } from '../../auth/authorize.ts';
import { badRequest, type FieldError, invalid } from '../../status.ts';
import type { Call } from '../context.ts';
import { readObject } from '../requests/object-body.ts';
import { sendJson } from '../respond.ts';

const group = 'authorization.k8s.io';
const kindOf = (kind: string) => ({ group, version: 'v1', kind, model: `V1${kind}` });

interface Review {
  metadata?: { namespace?: string };
  spec: V1SubjectAccessReviewSpec & Unvalidated<V1SelfSubjectRulesReviewSpec>;
}

const kinds: Record<string, string> = {
  localsubjectaccessreviews: 'LocalSubjectAccessReview',
  selfsubjectaccessreviews: 'SelfSubjectAccessReview',
  subjectaccessreviews: 'SubjectAccessReview',
};

export async function accessReview(call: Call): Promise<void> {
  const kind = kinds[call.info.resource]!;
  const review = await readObject<Review>(call, kindOf(kind));
  review.spec ??= {};
  const isSelf = kind === 'SelfSubjectAccessReview';
  if (kind === 'LocalSubjectAccessReview') review.metadata = localMetadata(call, review.metadata);
  validate(review.spec, isSelf, review.metadata?.namespace);
  const user: User = isSelf ? call.user : { name: review.spec.user ?? '', groups: review.spec.groups ?? [] };
  const reason = allowedBy(call.context.api, user, actOf(review.spec));
  const status = { allowed: reason !== undefined, ...(reason ? { reason } : {}) };
  sendJson(call, 201, {
    kind,
    apiVersion: `${group}/v1`,
    metadata: review.metadata ?? {},
    spec: review.spec,
    status,
  });
}

function actOf({ resourceAttributes, nonResourceAttributes }: Review['spec']): Act {
  if (nonResourceAttributes) {
    return { verb: nonResourceAttributes.verb ?? '', path: nonResourceAttributes.path ?? '' };
  }
  const { verb = '', group: of, resource, subresource, namespace, name } = resourceAttributes ?? {};
  return { verb, group: of, resource, subresource, namespace, name };
}

/** It asks about its own namespace, and has nothing but that in its metadata. */
function localMetadata({ info }: Call, given: Review['metadata'] = {}): Review['metadata'] {
  const { namespace = info.namespace } = given;
  if (namespace !== info.namespace) {
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  }
  return { ...given, namespace };
}

/** `namespace` of a review that is about one only. */
function validate(spec: Review['spec'], isSelf: boolean, namespace?: string): void {
  const errors: FieldError[] = [];
  const add = (field: string, message: string) => errors.push({ type: 'Invalid', field, message });
  const { resourceAttributes, nonResourceAttributes } = spec;
  if (resourceAttributes && nonResourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes;
    const shown = JSON.stringify({ Path: path, Verb: verb });
    add(
      'spec.nonResourceAttributes',
      `Invalid value: ${shown}: cannot be specified in combination with resourceAttributes`,
    );
  }
  if (!resourceAttributes && !nonResourceAttributes) {
    add(
      'spec.resourceAttributes',
      'Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    );
  }
  if (!isSelf && !spec.user && !spec.groups?.length) {
    add('spec.user', 'Invalid value: "": at least one of user or group must be specified');
  }
  if (namespace !== undefined && resourceAttributes && resourceAttributes.namespace !== namespace) {
    const shown = JSON.stringify(resourceAttributes.namespace ?? '');
    add('spec.resourceAttributes.namespace', `Invalid value: ${shown}: must match metadata.namespace`);
  }
  if (namespace !== undefined && nonResourceAttributes) {
    const { path = '', verb = '' } = nonResourceAttributes;
    const shown = JSON.stringify({ Path: path, Verb: verb });
    add('spec.nonResourceAttributes', `Invalid value: ${shown}: disallowed on this kind of request`);
  }
  if (errors.length > 0) throw invalid({ kind: '', group }, '', errors);
}

export async function rulesReview(call: Call): Promise<void> {
  const review = await readObject<Review>(call, kindOf('SelfSubjectRulesReview'));
  const namespace = review.spec?.namespace;
  if (!namespace) throw badRequest('no namespace on request');
  const rules = grantsOf(call.context.api, call.user, namespace).flatMap((grant) => grant.rules);
  sendJson(call, 201, {
    kind: 'SelfSubjectRulesReview',
    apiVersion: `${group}/v1`,
    metadata: {},
    spec: {},
    status: {
      resourceRules: rules.filter((rule) => rule.resources?.length).map(resourceRule),
      nonResourceRules: rules
        .filter((rule) => rule.nonResourceURLs?.length)
        .map(({ verbs, nonResourceURLs }) => ({ verbs, nonResourceURLs })),
      incomplete: false,
    },
  });
}

function resourceRule({ verbs, apiGroups, resources, resourceNames }: Rule): unknown {
  return { verbs, apiGroups, resources, ...(resourceNames ? { resourceNames } : {}) };
}
