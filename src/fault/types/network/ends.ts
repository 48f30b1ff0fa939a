import type { V1LabelSelector } from '@kubernetes/client-node';
import { fieldAt, isRecord } from '../../../cluster/fields/path.ts';
import { parseRef, singular } from '../../../cluster/ref.ts';
import { rolloutKinds } from '../../../cluster/wait/rollout.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import type { CompileContext } from '../../fault-type.ts';
import { assertAllowed, existing } from '../shared/target.ts';

/** The pods at one end of what is disturbed. */
export interface End {
  namespace: string;
  selector: V1LabelSelector;
}

export interface Ends {
  from: End;
  to: End;
}

/** Who is meant. Throws MisfortuneError `not-an-end`, `unknown-object`, `namespace-not-allowed`. */
export async function endsOf(spec: { from: string; to: string }, context: CompileContext): Promise<Ends> {
  const [from, to] = await Promise.all([
    endOf('from', spec.from, rolloutKinds, context),
    endOf('to', spec.to, [...rolloutKinds, 'service'], context),
  ]);
  return { from, to };
}

async function endOf(
  key: string,
  text: string,
  kinds: readonly string[],
  { cluster, namespaces }: CompileContext,
): Promise<End> {
  const no = (message: string, todo: string) =>
    new MisfortuneError('not-an-end', message, { todo, exitCode: exitCodes.refused });
  const ref = parseRef(text);
  const kind = singular(ref.kind);
  if (!kinds.includes(kind))
    throw no(`${key} is ${text}: that has no pods of its own.`, `Name a ${kinds.join(', ')} there.`);
  assertAllowed(ref, namespaces, `What ${key} names,`);
  const found = fieldAt(await existing(ref, cluster), ['spec', 'selector']);
  const selector = (kind === 'service' ? { matchLabels: found } : found) as V1LabelSelector;
  const isEmpty = (part: unknown) => !isRecord(part) || Object.keys(part).length === 0;
  if (isEmpty(selector.matchLabels) && !selector.matchExpressions?.length)
    throw no(`${text} has no selector: its pods are not known by labels.`, `Name a workload in ${key}.`);
  return { namespace: ref.namespace!, selector };
}
