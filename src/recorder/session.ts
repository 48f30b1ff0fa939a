import type { Clock } from '../clock.ts';
import type { Action, KubeRequest } from './action.ts';
import { isWrite } from './kube-request.ts';
import { kubeTitle } from './title.ts';

/** How a request is told to belong to a command. */
export interface Caller {
  /** kubectl's Kubectl-Session: one id per process. */
  session?: string;
  /** kubectl's Kubectl-Command: "kubectl rollout undo", never the arguments. */
  command?: string;
  userAgent: string;
}

/** A client that sends no session (k9s, client-go): requests closer than this belong together. */
const gapMs = 2_000;
/** How long after its last answer a command is taken as it stands. A later request re-issues the action, with the same id. */
const quietMs = 250;

interface Open {
  action: Action;
  command: string | undefined;
  lastAt: number;
  timer?: NodeJS.Timeout;
}

/**
 * Turns raw requests into actions: one kubectl process is one action. An action is handed on when the command
 * has been quiet for a moment, and again, with the same id, if more of it follows (`edit`, `rollout status`).
 */
export class Sessions {
  private readonly open = new Map<string, Open>();
  private counter = 0;

  constructor(
    private readonly who: string,
    private readonly clock: Clock,
    private readonly emit: (action: Action) => void,
  ) {}

  /** The id of the action that a request of this caller belongs to; makes one if there is none. */
  begin(caller: Caller): string {
    const key = caller.session ?? caller.userAgent;
    const now = this.clock.now();
    const known = this.open.get(key);
    if (known && (caller.session || now - known.lastAt < gapMs)) return known.action.id;
    if (known) this.flush(key);
    this.counter += 1;
    const id = caller.session ?? `${this.who}-${now.toString(36)}-${this.counter}`;
    const isKubectl = caller.userAgent.startsWith('kubectl') || caller.session !== undefined;
    const action: Action = {
      id,
      at: now,
      until: now,
      who: this.who,
      surface: isKubectl ? 'kubectl' : 'kubernetes',
      effect: 'read',
      title: '',
      requests: [],
    };
    this.open.set(key, { action, command: caller.command, lastAt: now });
    return id;
  }

  /** An answer came (or a stream was opened). */
  answered(caller: Caller, request: KubeRequest): void {
    const key = caller.session ?? caller.userAgent;
    this.begin(caller);
    const entry = this.open.get(key);
    if (!entry) return;
    const { action } = entry;
    entry.lastAt = action.until = this.clock.now();
    // kubectl polls while it waits (delete, wait, rollout status): one entry for the same question is enough.
    const same = action.requests.findIndex((other) => question(other) === question(request));
    if (same >= 0) action.requests[same] = request;
    else if (action.requests.length < 200) action.requests.push(request);
    action.effect = effectOf(action.requests);
    action.title = kubeTitle(action.requests, entry.command, action.surface);
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.emit(structuredClone(action)), quietMs);
    entry.timer.unref();
  }

  /** Hands on what is still held back, e.g. before the shell ends. */
  flushAll(): void {
    for (const key of [...this.open.keys()]) this.flush(key);
  }

  private flush(key: string): void {
    const entry = this.open.get(key);
    this.open.delete(key);
    if (!entry) return;
    clearTimeout(entry.timer);
    if (entry.action.requests.length > 0) this.emit(structuredClone(entry.action));
  }
}

function question(request: KubeRequest): string {
  return [
    request.verb,
    request.group,
    request.resource,
    request.subresource,
    request.namespace,
    request.name,
    request.labelSelector,
    request.fieldSelector,
    request.dryRun,
  ].join('\n');
}

function effectOf(requests: KubeRequest[]): Action['effect'] {
  const writes = requests.filter((request) => isWrite(request));
  if (writes.length === 0) return 'read';
  return writes.some((request) => request.status < 300) ? 'mutate' : 'attempted';
}
