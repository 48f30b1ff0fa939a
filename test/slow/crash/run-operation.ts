import type { ClusterObject } from '../../../src/cluster/cluster.ts';
import { newNonce } from '../../../src/fault/nonce.ts';
import type { RunOperation } from '../../../src/fault/operation.ts';
import type { Api, KubeObject } from '../../../src/sandbox/api.ts';

/** Something outside the API (a lock in a database) that Jobs change, and the operation that changes it. */
export class OutsideWorld {
  state: 'original' | 'injected' = 'original';

  readonly operation: RunOperation = {
    ...{ id: 'lock-1', fault: 'lock', verb: 'run', afterMs: 0, ready: [], reverts: 'reverts', within: 20 },
    ref: { kind: 'job', group: 'batch', namespace: 'batch', name: 'report-lock' },
    describe: 'hold a lock',
    nonce: newNonce(),
    do: job('report-lock'),
    undo: job('report-unlock'),
    check: job('report-look'),
  };

  /** The paper container of one of the Jobs does its work and ends. */
  readonly onPod = (pod: KubeObject, api: Api): void => {
    const owner = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.name;
    if (!['report-lock', 'report-unlock', 'report-look'].includes(owner ?? '')) return;
    if (owner === 'report-lock') this.state = 'injected';
    if (owner === 'report-unlock') this.state = 'original';
    const { namespace, name } = pod.metadata;
    const succeed = (draft: KubeObject) => {
      draft.status.phase = 'Succeeded';
      return draft;
    };
    api.update('pods', namespace, name, succeed, { subresource: 'status', by: 'kubelet' });
  };

  readonly logs = (): string => `looking\n${this.state}\n`;
}

function job(name: string): ClusterObject {
  const container = { name: 'main', image: 'node:20-slim', command: ['true'] };
  return {
    ...{ apiVersion: 'batch/v1', kind: 'Job', metadata: { name, namespace: 'batch' } },
    spec: { backoffLimit: 0, template: { spec: { restartPolicy: 'Never', containers: [container] } } },
  };
}
