import type { ClusterObject } from '../../src/cluster/cluster.ts';
import { run } from '../../src/fault/types/run.ts';
import { silence } from '../../src/fault/types/silence/silence.ts';
import { sql } from '../../src/fault/types/sql.ts';
import type { Api, KubeObject } from '../../src/sandbox/api.ts';
import { PaperChaosMesh } from './paper-chaos-mesh.ts';

/** The Jobs of the examples of those types that have a check. */
const JOBS = new RegExp(`^(?:${[run, sql, silence].map(nameOf).join('|')})(-undo|-check|)$`);

function nameOf({ example }: { example: Record<string, unknown> }): string {
  return (example.disguise as { name: string }).name;
}

/** The one that the example of `silence` names. */
const alertmanager: ClusterObject = {
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name: 'alertmanager', namespace: 'shop' } },
  spec: { selector: { 'app.kubernetes.io/name': 'alertmanager' }, ports: [{ port: 9093 }] },
};

/** Something outside the API (a row of a database) that the Jobs of an operation `run` change and look at, on paper. */
export class OutsideWorld {
  state: 'original' | 'injected' = 'original';
  readonly chaosMesh = new PaperChaosMesh();
  /** What is there besides the shop. */
  readonly more: ClusterObject[] = [alertmanager];

  /** The paper container of a Job does its work and ends; one that has a check is one of `run`. */
  readonly onPod = (pod: KubeObject, api: Api): void => {
    const job = pod.metadata.ownerReferences?.find(({ kind }) => kind === 'Job')?.name;
    const [, part] = JOBS.exec(job ?? '') ?? [];
    if (part === undefined) return;
    if (part === '') this.state = 'injected';
    if (part === '-undo') this.state = 'original';
    const { namespace, name } = pod.metadata;
    const succeed = (draft: KubeObject) => {
      draft.status.phase = 'Succeeded';
      return draft;
    };
    api.update('pods', namespace, name, succeed, { subresource: 'status', by: 'kubelet' });
  };

  readonly logs = (): string => `looking\n${this.state}\n`;
}
