/** Resources that answer but store nothing. */

import type { Served } from '../../kinds/definition.ts';
import type { Call } from '../context.ts';
import { accessReview, rulesReview } from './access-reviews.ts';
import { bind } from './bindings.ts';
import { getMetrics } from './metrics.ts';
import { selfReview, tokenReview } from './token-reviews.ts';

const handlers: Record<string, (call: Call) => void | Promise<void>> = {
  Binding: bind,
  LocalSubjectAccessReview: accessReview,
  NodeMetrics: getMetrics,
  PodMetrics: getMetrics,
  SelfSubjectAccessReview: accessReview,
  SelfSubjectReview: selfReview,
  SelfSubjectRulesReview: rulesReview,
  SubjectAccessReview: accessReview,
  TokenReview: tokenReview,
};

/** The handler of a resource that stores nothing; undefined for one that is stored. */
export function virtualHandler(served: Served): ((call: Call) => void | Promise<void>) | undefined {
  return handlers[served.kind];
}
