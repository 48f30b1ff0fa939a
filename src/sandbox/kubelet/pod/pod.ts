import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ApiError } from '../../api.ts';
import type { KubeletContext } from '../deps.ts';
import { rfc3339 } from '../events.ts';
import { MountError } from '../volumes/volume-files.ts';
import { mountVolumes } from '../volumes/volumes.ts';
import { wait } from '../wait.ts';
import { ContainerWorker } from './container.ts';
import type { Container, Pod } from './pod-types.ts';
import { asPod, type ContainerRecord, ephemeralContainers } from './pod-types.ts';
import { isSidecar, podStatus } from './status.ts';

const MOUNT_RETRY_MS = 1000;

/** One pod on this node, from its arrival till its folder is gone. */
export class PodWorker {
  readonly containers = new Map<string, ContainerWorker>();
  readonly podIP: string;
  readonly folder: string;
  private readonly startTime: string;
  private readonly stopped = new AbortController();
  private mounted = false;
  private ended = false;
  private removed = false;
  private failure: { reason: string; message: string } | undefined;
  private stopping: Promise<void> | undefined;
  private readonly cancelDeadline: () => void;

  constructor(
    private pod: Pod,
    private readonly hostIP: string,
    private readonly context: KubeletContext,
  ) {
    this.podIP = context.network.allocatePodIP(pod.spec.nodeName!, pod.metadata.uid);
    this.folder = join(context.folder, pod.metadata.uid);
    this.startTime = rfc3339(context.clock.now());
    mkdirSync(join(this.folder, 'volumes'), { recursive: true, mode: 0o700 });
    const init = pod.spec.initContainers ?? [];
    const reason = init.length > 0 ? 'PodInitializing' : 'ContainerCreating';
    const policy = (pod.spec.restartPolicy ?? 'Always') as 'Always' | 'OnFailure' | 'Never';
    // An init container that has succeeded is never run again.
    for (const spec of init)
      this.add(spec, reason, isSidecar(spec) ? 'Always' : policy === 'Never' ? 'Never' : 'OnFailure');
    for (const spec of pod.spec.containers) this.add(spec, reason, policy);
    const seconds = pod.spec.activeDeadlineSeconds;
    this.cancelDeadline = seconds
      ? context.clock.setTimeout(() => this.guard(this.expire()), seconds * 1000)
      : () => undefined;
  }

  /** Resolves when the pod has reached its end or was stopped. */
  async run(): Promise<void> {
    this.publish();
    if (!(await this.mount())) return;
    this.mounted = true;
    this.startEphemeral();
    const sidecars: Promise<void>[] = [];
    for (const spec of this.pod.spec.initContainers ?? []) {
      const worker = this.containers.get(spec.name)!;
      if (isSidecar(spec)) {
        sidecars.push(worker.run());
        while (!worker.record.started && (await wait(this.context.clock, 50, this.stopped.signal)));
      } else {
        await worker.run();
        if (worker.record.state.terminated?.exitCode !== 0) return this.finish();
      }
      if (this.stopped.signal.aborted) return;
    }
    await Promise.all(this.pod.spec.containers.map((spec) => this.containers.get(spec.name)!.run()));
    if (this.stopped.signal.aborted) return;
    await Promise.all([...this.containers.values()].map((worker) => worker.stop(this.graceMs())));
    await Promise.all(sidecars);
    this.finish();
  }

  /** A newer version of the pod's object. */
  update(pod: Pod): void {
    this.pod = pod;
    this.startEphemeral();
    if (pod.metadata.deletionTimestamp && !this.removed) this.guard(this.delete());
  }

  /** The object is gone without the kubelet: what still runs ends now. */
  async remove(): Promise<void> {
    this.removed = true;
    await this.stopContainers(0);
    this.clean();
  }

  /** Makes the volumes anew from the objects they are made of. */
  refreshVolumes(): void {
    if (this.ended || this.removed) return;
    try {
      this.mountAll();
    } catch (error) {
      // A volume whose object was deleted keeps what it had.
      if (!(error instanceof MountError)) this.context.onError(error);
    }
  }

  /** What goes wrong in this pod's work without anybody having expected it is told here and goes no further. */
  private guard(work: Promise<unknown>): void {
    work.catch((error) => this.context.onError(error));
  }

  current(): Pod {
    return this.pod;
  }

  /** Containers that were added to the running pod (`kubectl debug`): each runs once. */
  private startEphemeral(): void {
    if (!this.mounted || this.ended || this.stopped.signal.aborted) return;
    for (const spec of ephemeralContainers(this.pod)) {
      if (this.containers.has(spec.name)) continue;
      this.add(spec, 'ContainerCreating', 'Never');
      this.guard(this.containers.get(spec.name)!.run());
    }
  }

  private add(spec: Container, waitingReason: string, restarts: 'Always' | 'OnFailure' | 'Never'): void {
    const { podIP, hostIP, folder } = this;
    const host = {
      pod: () => this.pod,
      podIP,
      hostIP,
      folder,
      changed: () => this.publish(),
      event: (type: 'Normal' | 'Warning', reason: string, message: string, container?: Container) =>
        this.event(type, reason, message, container),
    };
    this.containers.set(spec.name, new ContainerWorker(spec, host, this.context, waitingReason, restarts));
  }

  private async mount(): Promise<boolean> {
    for (;;) {
      if (this.stopped.signal.aborted) return false;
      try {
        this.mountAll();
        return true;
      } catch (error) {
        if (!(error instanceof MountError)) this.context.onError(error);
        this.event('Warning', 'FailedMount', error instanceof MountError ? error.message : 'the node failed');
        await wait(this.context.clock, MOUNT_RETRY_MS, this.stopped.signal);
      }
    }
  }

  private mountAll(): void {
    const { api, token, kept } = this.context;
    const { pod, podIP, hostIP } = this;
    mountVolumes(join(this.folder, 'volumes'), { api, pod, podIP, hostIP, token, kept });
  }

  private async expire(): Promise<void> {
    const message = 'Pod was active on the node longer than the specified deadline';
    this.failure = { reason: 'DeadlineExceeded', message };
    this.event('Normal', 'DeadlineExceeded', message);
    await this.stopContainers(this.graceMs());
    this.finish();
  }

  private async delete(): Promise<void> {
    const seconds = this.pod.metadata.deletionGracePeriodSeconds ?? 30;
    if (this.stopping) return;
    await this.stopContainers(seconds * 1000);
    if (this.removed) return;
    this.finish();
    const { namespace, name, uid } = this.pod.metadata;
    try {
      this.context.api.delete('pods', namespace, name, { uid, gracePeriodSeconds: 0 });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  private stopContainers(graceMs: number): Promise<void> {
    this.stopped.abort();
    this.cancelDeadline();
    const workers = [...this.containers.values()];
    if (graceMs === 0) return Promise.all(workers.map((worker) => worker.stop(0))).then(() => undefined);
    this.stopping ??= Promise.all(workers.map((worker) => worker.stop(graceMs))).then(() => undefined);
    return this.stopping;
  }

  private finish(): void {
    if (this.ended) return;
    this.cancelDeadline();
    this.publish();
    this.ended = true;
    this.publish();
    this.context.network.releasePodIP(this.pod.metadata.uid);
  }

  private clean(): void {
    this.ended = true;
    this.context.network.releasePodIP(this.pod.metadata.uid);
    this.context.events.forget(this.pod.metadata.uid);
    this.context.postgres?.drop(this.folder);
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  private graceMs(): number {
    return (this.pod.spec.terminationGracePeriodSeconds ?? 30) * 1000;
  }

  private event(type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): void {
    const { initContainers = [], nodeName } = this.pod.spec;
    const named = (other: Container): boolean => other.name === container?.name;
    const list = initContainers.some(named)
      ? 'initContainers'
      : ephemeralContainers(this.pod).some(named)
        ? 'ephemeralContainers'
        : 'containers';
    const fieldPath = container && `spec.${list}{${container.name}}`;
    this.context.events.record(this.pod, nodeName!, {
      type,
      reason,
      message,
      ...(fieldPath && { fieldPath }),
    });
  }

  /** Writes the status, if there is still a pod to write it to. */
  private publish(): void {
    if (this.removed) return;
    const { api, clock } = this.context;
    const { namespace, name, uid } = this.pod.metadata;
    const records = new Map([...this.containers].map(([key, worker]) => [key, worker.record]));
    const { startTime, hostIP, podIP, ended, failure } = this;
    // As with a real node it is told when there is a container to it: an address that comes before its pod is ready would
    // be one more change for everybody who follows it.
    const address = [...records.values()].some((one) => !isBeingMade(one)) && { podIP };
    const record = { startTime, hostIP, ...address, containers: records, ended, ...(failure && { failure }) };
    try {
      api.update(
        'pods',
        namespace,
        name,
        (draft) => {
          if (draft.metadata.uid !== uid) return undefined;
          draft.status = podStatus(asPod(draft), record, rfc3339(clock.now()));
          return draft;
        },
        { subresource: 'status', by: 'kubelet' },
      );
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }
}

function isBeingMade({ state: { waiting } }: ContainerRecord): boolean {
  return waiting?.reason === 'ContainerCreating' || waiting?.reason === 'PodInitializing';
}
