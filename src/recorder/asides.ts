import type { KubeRequest } from './action.ts';
import { isWrite } from './kube-proxy/request.ts';

/** Commands that show what they read. What they ask is what somebody looks at. */
const showing = /^(get|events|edit|diff|explain|proxy|cluster-info dump|apply (view|edit)-last-applied)\b/;

/** Commands of kubectl whose reads only find or check what they act on. */
const acting = new Set(
  'logs exec attach cp port-forward debug run expose autoscale apply create delete patch replace scale set label annotate taint drain cordon uncordon cluster-info certificate auth'.split(
    ' ',
  ),
);

/**
 * Tells the reads that a command makes in order to do its own work from those that it shows. One for each command; it
 * remembers what was asked before.
 */
export class Asides {
  /** Kinds that were asked for by the words of the command. */
  readonly #asked = new Set<string>();
  readonly #seen = new Set<string>();
  #isLeading = true;

  constructor(
    /** "kubectl describe" as kubectl's header has it; undefined for other clients. */
    private readonly command: string | undefined,
  ) {}

  /** Whether nobody looks at what this asks. Call it once for each request, in order. */
  isAside(request: KubeRequest): boolean {
    const words = this.command?.replace(/^kubectl\s+/, '');
    if (!words || isWrite(request) || request.verb === 'connect' || request.subresource === 'log')
      return false;
    if (showing.test(words)) return false;
    const [first = '', second = ''] = words.split(/\s+/);
    if (first === 'describe') return !this.#isDescribed(request);
    if (first === 'top') return request.group !== 'metrics.k8s.io';
    if (first === 'rollout' && !['status', 'history'].includes(second)) return true;
    if (first === 'rollout' || first === 'wait') return !this.#isFirstKind(request);
    return acting.has(first);
  }

  /** `kubectl describe` first fetches all that it was asked for; then it reads each again, with what belongs to it. */
  #isDescribed(request: KubeRequest): boolean {
    const kind = kindOf(request);
    const question = `${kind} ${request.namespace} ${request.name}`;
    const list = `${kind} ${request.namespace} undefined`;
    if (this.#seen.has(question) || this.#seen.has(list)) this.#isLeading = false;
    this.#seen.add(question);
    if (this.#isLeading) this.#asked.add(kind);
    return this.#asked.has(kind);
  }

  #isFirstKind(request: KubeRequest): boolean {
    if (this.#asked.size === 0) this.#asked.add(kindOf(request));
    return this.#asked.has(kindOf(request));
  }
}

function kindOf({ group, resource }: KubeRequest): string {
  return `${resource}.${group}`;
}
