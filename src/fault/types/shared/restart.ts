import type { Ref } from '../../../cluster/cluster.ts';
import { singular } from '../../../cluster/ref.ts';
import { rolloutKinds } from '../../../cluster/wait/rollout.ts';
import { MisfortuneError } from '../../../errors.ts';
import type { CompileContext } from '../../fault-type.ts';
import { newNonce } from '../../ledger/nonce.ts';
import { nonceAnnotation, type OperationDraft } from '../../operation.ts';
import type { Claim } from './claim.ts';
import { assertAllowed } from './target.ts';

const path = ['spec', 'template', 'metadata', 'annotations', nonceAnnotation];

/** What a restart changes. */
export function restartClaim(ref: Ref): Claim {
  return { ref, path };
}

/**
 * Rolls a workload out again by an annotation of its pod template. Undoing it takes the annotation away, and
 * that rolls it out once more: the pods then run with the configuration that was put back before.
 */
export function restartOperation(ref: Ref, context: CompileContext): OperationDraft {
  const kind = singular(ref.kind);
  if (!rolloutKinds.includes(kind))
    throw new MisfortuneError(
      'not-restartable',
      `Expected a ${rolloutKinds.join(', ')} to restart, got ${kind}.`,
      {
        todo: 'Write it as deployment/shop/edge.',
      },
    );
  assertAllowed(ref, context.namespaces, 'The workload');
  return {
    verb: 'patch',
    ref,
    changes: [
      {
        path,
        to: newNonce(),
      },
    ],
    describe: `roll ${ref.name} out again`,
    reverts: 'reverts',
    undoneLast: true,
    ready: [{ type: 'rollout', ref, within: 180 }],
  };
}
