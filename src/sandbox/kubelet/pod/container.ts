import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { quantityNumber } from '../../../quantity.ts';
import type { Exit } from '../../runtime/client.ts';
import type { ContainerProcess, ExecTool, KubeletContext } from '../deps.ts';
import { rfc3339 } from '../events.ts';
import { findImage, type Image, nameError, pullError } from '../images.ts';
import { toolRunner } from '../sessions/tool-process.ts';
import { wait } from '../wait.ts';
import { BackOff, goDuration } from './back-off.ts';
import { ConfigError, launch } from './launch.ts';
import { type Inside, StartError } from './launch-request.ts';
import type { Container, ContainerRecord, ContainerState, Pod } from './pod-types.ts';
import { type ProbeKind, runProbe } from './probes.ts';
import { terminationMessage } from './termination-message.ts';

/** The pod that a container belongs to, as the container needs it. */
export interface ContainerHost {
  pod(): Pod;
  podIP: string;
  hostIP: string;
  folder: string;
  /** Something that the status shows has changed. */
  changed(): void;
  event(type: 'Normal' | 'Warning', reason: string, message: string, container?: Container): void;
}

/** How long a container counts as starting: until it has loaded its program, roughly. */
const STARTING_MS = 250;
const CONFIG_RETRY_MS = 2000;
const BACK_OFF_EVENT_MS = 12_000;

/** Runs one container of a pod: pulls, starts, probes, restarts, stops. */
export class ContainerWorker {
  readonly record: ContainerRecord = {
    state: {},
    lastState: {},
    ready: false,
    started: false,
    restartCount: 0,
  };
  /** What commands beside the main process see, while there is one. */
  inside: Inside | undefined;
  process: ContainerProcess | undefined;
  private launching?: ReturnType<ContainerWorker['start']>;
  private readonly stopped = new AbortController();
  private readonly backOff: BackOff;
  private killedForMemory = false;

  constructor(
    readonly spec: Container,
    private readonly host: ContainerHost,
    private readonly context: KubeletContext,
    waitingReason: string,
    private readonly restarts: 'Always' | 'OnFailure' | 'Never',
  ) {
    this.record.state = { waiting: { reason: waitingReason } };
    this.backOff = new BackOff(context.speed);
  }

  /** Resolves when the container has ended and will not be started again. */
  async run(): Promise<void> {
    while (!this.stopped.signal.aborted) {
      try {
        return await this.runToEnd();
      } catch (error) {
        // Nobody expected it: this container waits and is tried again, all others go on.
        this.context.onError(error);
        await this.kill(0);
        await this.notConfigured('CreateContainerError', 'the node could not run the container');
      }
    }
  }

  private async runToEnd(): Promise<void> {
    const image = await this.pull();
    while (image && !this.stopped.signal.aborted) {
      const startedMs = this.context.clock.now();
      const exit = await this.runOnce(image);
      if (!exit || this.stopped.signal.aborted || !this.restartsAfter(exit)) return;
      if (!(await this.waitToRestart(this.context.clock.now() - startedMs))) return;
      this.record.restartCount++;
    }
  }

  /** Asks the main process to end, and makes it end after `graceMs`. Resolves when it has. */
  async stop(graceMs: number): Promise<void> {
    this.stopped.abort();
    // A process that is being started is to be ended, too.
    await this.launching?.catch(() => undefined);
    if (!this.process) return;
    this.host.event('Normal', 'Killing', `Stopping container ${this.spec.name}`, this.spec);
    await this.kill(graceMs);
  }

  /** Ends the main process; the container may be restarted. */
  async kill(graceMs: number): Promise<void> {
    const { process } = this;
    if (!process) return;
    const ended = new AbortController();
    const exited = process.exited.then(() => ended.abort());
    if (graceMs > 0) {
      const until = this.context.clock.now() + graceMs;
      await this.preStop(graceMs, ended.signal);
      process.signal('SIGTERM');
      await wait(this.context.clock, Math.max(0, until - this.context.clock.now()), ended.signal);
    }
    process.signal('SIGKILL');
    await exited;
  }

  /** The node's memory watch found the container above its limit. */
  killForMemory(): void {
    this.killedForMemory = true;
    this.process?.signal('SIGKILL');
  }

  exec: ExecTool = async (command, io, signal) => {
    if (!this.inside || !this.process) return { exitCode: 126, error: 'container is not running' };
    return toolRunner(this.inside, this.process, this.context)(command, io, signal);
  };

  logPath(restart = this.record.restartCount): string {
    return join(this.host.folder, 'logs', this.spec.name, `${restart}.log`);
  }

  private async runOnce(image: Image): Promise<Exit | undefined> {
    this.launching = this.start(image);
    const launched = await this.launching;
    if (!launched) return undefined;
    if ('code' in launched) return launched;
    const { clock } = this.context;
    this.process = launched.process;
    // It was stopped while it was being started.
    if (this.stopped.signal.aborted) {
      await this.kill(0);
      return undefined;
    }
    this.inside = launched.inside;
    this.killedForMemory = false;
    const startedAt = rfc3339(clock.now());
    this.record.state = { running: { startedAt } };
    const probing = new AbortController();
    this.startProbes(probing.signal);
    this.host.event('Normal', 'Started', 'Container started', this.spec);
    this.host.changed();
    const exit = await launched.process.exited;
    probing.abort();
    this.process = undefined;
    this.ended(exit, startedAt, launched.inside);
    return exit;
  }

  /** The started process; the exit of a command that could not be started; undefined when stopped meanwhile. */
  private async start(
    image: Image,
  ): Promise<{ process: ContainerProcess; inside: Inside } | Exit | undefined> {
    const { context, host, spec } = this;
    const { signal } = this.stopped;
    for (;;) {
      if (signal.aborted) return undefined;
      this.record.imageID = image.id;
      const present = `Container image "${spec.image}" already present on machine and can be accessed by the pod`;
      host.event('Normal', 'Pulled', present, spec);
      try {
        return await context.starts.run(async () => {
          if (signal.aborted) return undefined;
          const request = { pod: host.pod(), container: spec, image, ...this.place() };
          const launched = await launch(request, context);
          this.record.containerID = `containerd://${randomBytes(32).toString('hex')}`;
          host.event('Normal', 'Created', 'Container created', spec);
          if (image.kind !== 'busybox') await wait(context.clock, STARTING_MS);
          return launched;
        });
      } catch (error) {
        if (error instanceof StartError) return this.notStarted(error.message);
        if (!(error instanceof ConfigError)) throw error;
        await this.notConfigured('CreateContainerConfigError', error.message);
      }
    }
  }

  /** Shows why the container cannot be made, and waits before it is tried again. */
  private async notConfigured(reason: string, message: string): Promise<void> {
    this.record.state = { waiting: { reason, message } };
    this.host.event('Warning', 'Failed', `Error: ${message}`, this.spec);
    this.host.changed();
    await wait(this.context.clock, CONFIG_RETRY_MS, this.stopped.signal);
  }

  private place(): { podIP: string; hostIP: string; folder: string; log: string } {
    const { podIP, hostIP, folder } = this.host;
    return { podIP, hostIP, folder, log: this.logPath() };
  }

  private notStarted(reason: string): Exit {
    const message =
      'failed to create containerd task: failed to create shim task: OCI runtime create failed: ' +
      `runc create failed: unable to start container process: ${reason}`;
    this.record.containerID = `containerd://${randomBytes(32).toString('hex')}`;
    this.host.event('Normal', 'Created', 'Container created', this.spec);
    this.host.event('Warning', 'Failed', `Error: ${message}`, this.spec);
    const terminated = {
      exitCode: 128,
      reason: 'StartError',
      message,
      startedAt: '1970-01-01T00:00:00Z',
      finishedAt: rfc3339(this.context.clock.now()),
      containerID: this.record.containerID,
    };
    this.record.state = { terminated };
    this.host.changed();
    return { code: 128 };
  }

  private ended(exit: Exit, startedAt: string, inside: Inside): void {
    const limited = quantityNumber(this.spec.resources?.limits?.memory) !== undefined;
    // V8 aborts when its heap is full: in a container the kernel would have been quicker.
    const outOfMemory = this.killedForMemory || exit.outOfMemory || (limited && exit.signal === 'SIGABRT');
    const exitCode = outOfMemory ? 137 : exit.code;
    const message = terminationMessage(this.spec, inside.root, this.logPath(), exitCode);
    this.record.state = {
      terminated: {
        exitCode,
        reason: outOfMemory ? 'OOMKilled' : exitCode === 0 ? 'Completed' : 'Error',
        ...(message && { message }),
        startedAt,
        finishedAt: rfc3339(this.context.clock.now()),
        containerID: this.record.containerID!,
      },
    };
    this.record.ready = false;
    this.record.started = false;
    this.host.changed();
  }

  private restartsAfter(exit: Exit): boolean {
    if (this.restarts === 'Always') return true;
    return this.restarts === 'OnFailure' && exit.code !== 0;
  }

  /** False when stopped meanwhile. */
  private async waitToRestart(ranMs: number): Promise<boolean> {
    const { clock } = this.context;
    const { signal } = this.stopped;
    const ended: ContainerState = { terminated: this.record.state.terminated! };
    const { waitMs, nominalSeconds } = this.backOff.next(ranMs);
    this.record.lastState = ended;
    if (nominalSeconds === 0) return wait(clock, 10, signal);
    const pod = this.host.pod();
    const name = `${pod.metadata.name}_${pod.metadata.namespace}(${pod.metadata.uid})`;
    const message = `back-off ${goDuration(nominalSeconds)} restarting failed container=${this.spec.name} pod=${name}`;
    this.record.state = { waiting: { reason: 'CrashLoopBackOff', message } };
    this.host.changed();
    for (let left = waitMs; left > 0; left -= BACK_OFF_EVENT_MS) {
      const event = `Back-off restarting failed container ${this.spec.name} in pod ${name}`;
      this.host.event('Warning', 'BackOff', event, this.spec);
      if (!(await wait(clock, Math.min(left, BACK_OFF_EVENT_MS), signal))) return false;
    }
    return true;
  }

  /** The image, as soon as there is one; undefined when stopped meanwhile. */
  private async pull(): Promise<Image | undefined> {
    const { context, host, spec } = this;
    const { signal } = this.stopped;
    const name = spec.image ?? '';
    // Trying sooner would not help: nothing that is missing now comes later.
    const backOff = new BackOff(1);
    backOff.next();
    const waiting = (reason: string, message: string): void => {
      this.record.state = { waiting: { reason, message } };
      host.changed();
    };
    for (;;) {
      const image = findImage(name, { postgres: context.postgres !== undefined });
      if (image || signal.aborted) return signal.aborted ? undefined : image;
      const unreadable = nameError(name);
      if (unreadable) {
        host.event('Warning', 'InspectFailed', unreadable, spec);
        host.event('Warning', 'Failed', 'Error: InvalidImageName', spec);
        waiting('InvalidImageName', unreadable);
        await wait(context.clock, BACK_OFF_EVENT_MS, signal);
        continue;
      }
      if (spec.imagePullPolicy === 'Never') {
        const message = `Container image "${name}" is not present with pull policy of Never`;
        host.event('Warning', 'ErrImageNeverPull', message, spec);
        host.event('Warning', 'Failed', 'Error: ErrImageNeverPull', spec);
        waiting('ErrImageNeverPull', message);
        await wait(context.clock, BACK_OFF_EVENT_MS, signal);
        continue;
      }
      const failure = pullError(name);
      host.event('Normal', 'Pulling', `Pulling image "${name}"`, spec);
      host.event('Warning', 'Failed', `Failed to pull image "${name}": ${failure}`, spec);
      host.event('Warning', 'Failed', 'Error: ErrImagePull', spec);
      waiting('ErrImagePull', failure);
      await wait(context.clock, 1000 / context.speed, signal);
      host.event('Normal', 'BackOff', `Back-off pulling image "${name}"`, spec);
      host.event('Warning', 'Failed', 'Error: ImagePullBackOff', spec);
      waiting('ImagePullBackOff', `Back-off pulling image "${name}": ErrImagePull: ${failure}`);
      await wait(context.clock, backOff.next().waitMs, signal);
    }
  }

  private startProbes(signal: AbortSignal): void {
    const { startupProbe, livenessProbe, readinessProbe } = this.spec;
    const { record, host } = this;
    const begin = (): void => {
      record.started = true;
      record.ready = !readinessProbe;
      if (livenessProbe) this.probe('liveness', signal, (alive) => !alive && this.failedProbe('liveness'));
      if (readinessProbe) {
        this.probe('readiness', signal, (ready) => {
          record.ready = ready;
          host.changed();
        });
      }
    };
    record.started = false;
    record.ready = false;
    if (!startupProbe) return begin();
    this.probe('startup', signal, (started) => {
      if (!started) return this.failedProbe('startup');
      begin();
      host.changed();
    });
  }

  private probe(kind: ProbeKind, signal: AbortSignal, changed: (healthy: boolean) => void): void {
    const { clock, network } = this.context;
    const target = { container: this.spec, podIP: this.host.podIP, network, exec: this.exec, clock };
    const failed = (message: string): void => this.host.event('Warning', 'Unhealthy', message, this.spec);
    const probe = (): Promise<void> =>
      runProbe(kind, this.spec[`${kind}Probe`]!, target, { changed, failed }, signal).catch(async (error) => {
        this.context.onError(error);
        if (await wait(clock, CONFIG_RETRY_MS, signal)) await probe();
      });
    void probe();
  }

  private failedProbe(kind: 'liveness' | 'startup'): void {
    const message = `Container ${this.spec.name} failed ${kind} probe, will be restarted`;
    this.host.event('Normal', 'Killing', message, this.spec);
    const probe = this.spec[`${kind}Probe`];
    const graceSeconds =
      probe?.terminationGracePeriodSeconds ?? this.host.pod().spec.terminationGracePeriodSeconds ?? 30;
    this.kill(graceSeconds * 1000).catch((error) => {
      this.context.onError(error);
      this.process?.signal('SIGKILL');
    });
  }

  private async preStop(graceMs: number, ended: AbortSignal): Promise<void> {
    const hook = this.spec.lifecycle?.preStop;
    if (!hook) return;
    const { clock } = this.context;
    const limit = AbortSignal.any([ended, AbortSignal.timeout(graceMs)]);
    if (hook.sleep) await wait(clock, hook.sleep.seconds * 1000, limit);
    else if (hook.exec) {
      const ignore = (): void => undefined;
      const result = await this.exec(
        hook.exec.command ?? [],
        { stdout: ignore, stderr: ignore, tty: false },
        limit,
      );
      if (result.exitCode !== 0)
        this.host.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', this.spec);
    } else if (hook.httpGet) {
      const { port, path = '/' } = hook.httpGet;
      const target = this.spec.ports?.find((it) => it.name === port)?.containerPort ?? Number(port);
      await this.context.network
        .fetch(this.host.podIP, target, path, { timeoutMs: graceMs })
        .catch(() => this.host.event('Warning', 'FailedPreStopHook', 'PreStopHook failed', this.spec));
    }
  }
}
