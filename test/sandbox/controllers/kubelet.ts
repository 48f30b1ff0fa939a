import type { Api, KubeObject } from '../../../src/sandbox/api.ts';
import type { ManualClock } from './clock.ts';

/** Sets the status of pods as a kubelet does, when told to. It runs nothing. */
export interface PaperKubelet {
  /** The pod's container runs; it is ready at once unless told otherwise. */
  run(pod: KubeObject, ready?: boolean): void;
  setReady(pod: KubeObject, ready: boolean): void;
  /** The container of a running pod restarts. */
  restart(pod: KubeObject): void;
  /** The pod's container ends for good. */
  finish(pod: KubeObject, exitCode: number): void;
  /** What was asked to go has gone. */
  terminate(pod: KubeObject): void;
  stop(): void;
}

/** With `auto`, every pod with a node runs and is ready, and goes when it is told to, without further ado. */
export function paperKubelet(api: Api, clock: ManualClock, auto: boolean): PaperKubelet {
  let addresses = 0;
  const time = () => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;

  function setStatus(pod: KubeObject, change: (status: KubeObject['status']) => void): void {
    const { namespace, name, uid } = pod.metadata;
    api.update(
      'pods',
      namespace,
      name,
      (draft) => {
        if (draft.metadata.uid !== uid) return undefined;
        change(draft.status);
        return draft;
      },
      { subresource: 'status', by: 'kubelet' },
    );
  }

  function setCondition(status: KubeObject['status'], type: string, value: boolean): void {
    const wanted = value ? 'True' : 'False';
    const standing = (status.conditions ?? []).find((one: { type: string }) => one.type === type);
    if (standing?.status === wanted) return;
    const others = (status.conditions ?? []).filter((one: { type: string }) => one.type !== type);
    status.conditions = [
      ...others,
      { type, status: wanted, lastProbeTime: null, lastTransitionTime: time() },
    ];
  }

  const kubelet: PaperKubelet = {
    run(pod, ready = true) {
      setStatus(pod, (status) => {
        const ip = status.podIP ?? `10.244.0.${++addresses + 1}`;
        Object.assign(status, { phase: 'Running', podIP: ip, podIPs: [{ ip }], startTime: time() });
        setCondition(status, 'Ready', ready);
      });
    },
    setReady(pod, ready) {
      setStatus(pod, (status) => setCondition(status, 'Ready', ready));
    },
    restart(pod) {
      setStatus(pod, (status) => {
        const before = status.containerStatuses?.[0]?.restartCount ?? 0;
        status.containerStatuses = [{ name: 'app', restartCount: before + 1 }];
      });
    },
    finish(pod, exitCode) {
      setStatus(pod, (status) => {
        status.phase = exitCode === 0 ? 'Succeeded' : 'Failed';
        status.containerStatuses = [{ name: 'app', state: { terminated: { exitCode, finishedAt: time() } } }];
        setCondition(status, 'Ready', false);
      });
    },
    terminate(pod) {
      const { namespace, name, uid } = pod.metadata;
      kubelet.finish(pod, 143);
      if (api.get('pods', namespace, name))
        api.delete('pods', namespace, name, { uid, gracePeriodSeconds: 0 });
    },
    stop: auto
      ? api.watch('pods', ({ type, object: pod }) => {
          if (type === 'DELETED' || !pod.spec.nodeName) return;
          const ended = pod.status.phase === 'Succeeded' || pod.status.phase === 'Failed';
          setImmediate(() => {
            const current = api.get('pods', pod.metadata.namespace, pod.metadata.name);
            if (current?.metadata.uid !== pod.metadata.uid) return;
            if (current.metadata.deletionTimestamp && !ended) kubelet.terminate(current);
            else if (current.status.phase === 'Pending') kubelet.run(current);
          });
        })
      : () => {},
  };
  return kubelet;
}
