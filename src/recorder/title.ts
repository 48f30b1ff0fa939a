import type { Action, KubeRequest } from './action.ts';
import { isCopyInto, isWrite } from './kube-request.ts';
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
    requests.findLast((request) => isWrite(request) && request.status < 300) ??
    requests.find((request) => isWrite(request)) ??
    requests.find((request) => isCopyInto(request)) ??
    requests.find((request) => request.verb === 'connect') ??
    requests.find((request) => request.subresource !== undefined) ??
    requests.find((request) => !request.aside) ??
    requests[0];
  if (!principal) return command ?? surface;
  const verb = command ?? principal.verb;
  const words = [verb, objectWords(principal, requests, verb)];
  if (principal.namespace) words.push(`-n ${principal.namespace}`);
  if (principal.allNamespaces) words.push('-A');
  if (principal.labelSelector && !principal.name) words.push(`-l ${principal.labelSelector}`);
  if (principal.command?.length) words.push(executed(principal));
  if (isWrite(principal) || principal.dryRun)
    words.push(...titleArguments(principal, command, askedBy(principal)));
  if (principal.dryRun) words.push('(dry run)');
  if (principal.outcome) words.push(`(${principal.status || 'no answer'}, ${outcomes[principal.outcome]})`);
  const title = words.filter(Boolean).join(' ');
  return title.length > longest ? `${title.slice(0, longest - 1)}…` : title;
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
  if (!principal.name && verb.endsWith(` ${singular(principal.resource)}`)) return '';
  if (!principal.name) {
    const lists = [
      ...new Set(
        requests.filter((request) => !request.name && !request.aside).map((request) => request.resource),
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
