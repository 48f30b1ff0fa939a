import type { Action, KubeRequest } from './action.ts';
import { hasChanged, isCopyInto, isWrite } from './kube-proxy/request.ts';
import { type Asked, titleArguments } from './title-arguments.ts';

/** Longer titles are cut off. */
const longest = 240;

/**
 * One line for people, made of what was really asked for: the command's name comes from kubectl's own header,
 * its arguments from the request that matters most (a write before a read, an object before a list) and its body.
 */
export function kubeTitle(
  { requests, command, surface }: Action,
  askedBy: (request: KubeRequest) => Asked | undefined,
): string {
  const principal =
    (command && aboutNode.test(command)
      ? requests.find(({ resource }) => resource === 'nodes')
      : undefined) ??
    requests.findLast((request) => isWrite(request) && hasChanged(request)) ??
    requests.find((request) => isWrite(request)) ??
    requests.find((request) => isCopyInto(request)) ??
    requests.find((request) => request.verb === 'connect') ??
    requests.find((request) => request.subresource !== undefined) ??
    requests.find((request) => !request.aside) ??
    requests[0];
  if (!principal) return command ?? surface;
  const verb = command ?? principal.verb;
  const words = [verb, objectWords(subjectOf(principal, requests, verb), requests, verb)];
  if (principal.namespace) words.push(`-n ${principal.namespace}`);
  if (principal.allNamespaces) words.push('-A');
  if (principal.labelSelector && !principal.name) words.push(`-l ${principal.labelSelector}`);
  if (principal.command?.length) words.push(executed(principal));
  if (isWrite(principal) || principal.dryRun)
    words.push(...titleArguments(principal, command, askedBy(principal)));
  if (principal.dryRun) words.push('(dry run)');
  if (isWrite(principal) && principal.paths?.length === 0 && principal.status < 300)
    words.push('(changed nothing)');
  if (principal.outcome) words.push(`(${principal.status || 'no answer'}, ${outcomes[principal.outcome]})`);
  const title = words.filter(Boolean).join(' ');
  return title.length > longest ? `${title.slice(0, longest - 1)}…` : title;
}

/** What these evict, and whose pods they list on the way, is not what they were asked about. */
const aboutNode = /^kubectl (drain|cordon|uncordon)\b/;
/** These make something for the object that they read first, and are told about that. */
const forAnother = /^kubectl (autoscale|expose)\b/;

function subjectOf(principal: KubeRequest, requests: KubeRequest[], verb: string): KubeRequest {
  if (!forAnother.test(verb)) return principal;
  return requests.find(({ aside, name }) => aside && name !== undefined) ?? principal;
}

const outcomes = { changed: 'and yet changed', unknown: 'outcome unknown' };

/** `kubectl cp` is an exec of tar: say where to, not how. */
function executed(request: KubeRequest): string {
  const { command = [] } = request;
  if (!isCopyInto(request)) return `-- ${command.join(' ')}`;
  const folder = command[command.indexOf('-C') + 1];
  return `(copies into ${command.includes('-C') && folder ? folder : 'the pod'})`;
}

function objectWords(principal: KubeRequest, requests: KubeRequest[], verb: string): string {
  // "kubectl top pod" says what it lists.
  if (
    !principal.name &&
    [principal.resource, singular(principal.resource)].some((word) => verb.endsWith(` ${word}`))
  )
    return '';
  if (!principal.name) {
    const lists = [
      ...new Set(
        requests
          .filter((request) => !request.name && request.aside === principal.aside)
          .map(({ resource }) => resource),
      ),
    ];
    return lists.slice(0, 4).join(',') + (lists.length > 4 ? ',…' : '');
  }
  const names = [
    ...new Set(
      requests
        .filter(
          (request) =>
            request.resource === principal.resource && request.verb === principal.verb && request.name,
        )
        .map((request) => request.name),
    ),
  ];
  const named = names.length > 3 ? `${names.length} objects` : names.join(' ');
  // "kubectl logs x" and "kubectl exec x" are about pods without saying so; "top pod" says it itself.
  if (/logs|exec|attach|port-forward|cp$/.test(verb)) return named;
  if (aboutNode.test(verb) || verb === 'kubectl run') return named;
  if (verb.endsWith('top pod') || verb.endsWith('top node')) return named;
  // "kubectl create configmap x" has the kind in the command already.
  const kind = singular(principal.resource);
  return verb.endsWith(` ${kind}`) ? named : `${kind} ${named}`;
}

function singular(resource: string): string {
  if (resource === 'endpoints') return resource;
  if (resource.endsWith('ies')) return `${resource.slice(0, -3)}y`;
  if (/(ss|x|ch|sh)es$/.test(resource)) return resource.slice(0, -2);
  return resource.replace(/s$/, '');
}
