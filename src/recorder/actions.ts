import type { Clock } from '../clock.ts';
import type { Action, KubeRequest } from './action.ts';
import { Asides } from './asides.ts';
import { hasChanged, isCopyInto, isWrite } from './kube-proxy/request.ts';
import { kubeTitle } from './title.ts';
import type { Asked } from './title-arguments.ts';

/** How a request is told to belong to a command. */
export interface Caller {
  /** kubectl's Kubectl-Session: one id per process. */
  session?: string;
  /** kubectl's Kubectl-Command: "kubectl rollout undo", never the arguments. */
  command?: string;
  userAgent: string;
}

/** A client that sends no session (k9s, client-go): reads closer than this belong together. */
const gapMs = 2_000;
/** How long after its last answer a command is taken as it stands. A later request re-issues the action, with the same id. */
const quietMs = 250;
/** Requests that an action keeps; reads make room for writes. */
const mostRequests = 200;

interface Open {
  action: Action;
  asides: Asides;
  /** What the body of a write asked for. */
  asked: Map<KubeRequest, Asked>;
  lastAt: number;
  timer?: NodeJS.Timeout;
}

/**
 * Turns raw requests into actions: one kubectl process is one action. Of a client that does not tell its processes apart,
 * reads in quick succession are one action, and every write is one of its own. An action is handed on when the command
 * has been quiet for a moment, and again, with the same id, if more of it follows (`edit`, `rollout status`).
 */
export class Actions {
  private readonly open = new Map<string, Open>();
  /** The open action that the next read of a client without a session belongs to. */
  private readonly reading = new Map<string, string>();
  private counter = 0;

  constructor(
    private readonly who: string,
    private readonly clock: Clock,
    private readonly emit: (action: Action) => void,
  ) {}

  /** The id of the action that a request of this caller belongs to; makes one if there is none. */
  begin({ session, command, userAgent }: Caller, isWriting = false): string {
    const now = this.clock.now();
    if (session === undefined && !isWriting) {
      const known = this.open.get(this.reading.get(userAgent) ?? '');
      if (known && now - known.lastAt < gapMs) return known.action.id;
      if (known) this.flush(known.action.id);
    }
    if (session !== undefined && this.open.has(session)) return session;
    this.counter += 1;
    const id = session ?? `${this.who}-${now.toString(36)}-${this.counter}`;
    const isKubectl = userAgent.startsWith('kubectl') || session !== undefined;
    const action: Action = {
      id,
      at: now,
      until: now,
      who: this.who,
      surface: isKubectl ? 'kubectl' : 'kubernetes',
      effect: 'read',
      title: '',
      ...(command !== undefined && { command }),
      requests: [],
    };
    this.open.set(id, { action, asides: new Asides(command), asked: new Map(), lastAt: now });
    if (session === undefined && !isWriting) this.reading.set(userAgent, id);
    return id;
  }

  /** An answer came (or a stream was opened) to a request of this action. `asked`: what the body of a write said. */
  answered(id: string, caller: Caller, request: KubeRequest, asked?: Asked): void {
    const entry = this.open.get(id);
    if (!entry) return;
    const { requests } = entry.action;
    if (entry.asides.isAside(request)) request.aside = true;
    if (asked) entry.asked.set(request, asked);
    entry.lastAt = entry.action.until = this.clock.now();
    // kubectl polls while it waits (delete, wait, rollout status): one entry for the same question is enough.
    const same = isWrite(request) ? -1 : requests.findIndex((other) => isSameQuestion(other, request));
    if (same >= 0) requests[same] = request;
    else {
      const oldest = requests.length < mostRequests ? -1 : requests.findIndex((one) => !isWrite(one));
      if (oldest >= 0) requests.splice(oldest, 1);
      if (requests.length < mostRequests) requests.push(request);
    }
    if (caller.session === undefined && isWrite(request)) this.setAside(caller, request);
    this.tell(id);
  }

  /** What is known of a request of this action has changed. */
  tell(id: string): void {
    const entry = this.open.get(id);
    if (!entry) return;
    const { action, asked } = entry;
    action.effect = effectOf(action.requests);
    action.title = kubeTitle(action, (request) => asked.get(request));
    clearTimeout(entry.timer);
    entry.timer = setTimeout(() => this.emit(structuredClone(action)), quietMs);
    entry.timer.unref();
  }

  /** Hands on what is still held back, e.g. before the shell ends. */
  flushAll(): void {
    for (const id of [...this.open.keys()]) this.flush(id);
  }

  /**
   * What a program reads right before it writes is no look at it. Who looks at a list and then decides has had it open for
   * longer than that.
   */
  private setAside({ userAgent }: Caller, write: KubeRequest): void {
    const entry = this.open.get(this.reading.get(userAgent) ?? '');
    if (!entry || this.clock.now() - entry.action.at >= gapMs) return;
    const readForIt = entry.action.requests.filter(
      ({ group, resource, namespace, name }) =>
        group === write.group &&
        resource === write.resource &&
        (namespace === write.namespace || namespace === undefined) &&
        (name === undefined || name === write.name),
    );
    for (const request of readForIt) request.aside = true;
    if (readForIt.length > 0) this.tell(entry.action.id);
  }

  private flush(id: string): void {
    const entry = this.open.get(id);
    this.open.delete(id);
    if (!entry) return;
    clearTimeout(entry.timer);
    if (entry.action.requests.length > 0) this.emit(structuredClone(entry.action));
  }
}

function isSameQuestion(one: KubeRequest, other: KubeRequest): boolean {
  return !isWrite(one) && question(one) === question(other);
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
    request.command?.join(' '),
  ].join('\n');
}

function effectOf(requests: KubeRequest[]): Action['effect'] {
  const writes = requests.filter((request) => isWrite(request) || isCopyInto(request));
  if (writes.length === 0) return 'read';
  return writes.some(hasChanged) ? 'mutate' : 'attempted';
}
