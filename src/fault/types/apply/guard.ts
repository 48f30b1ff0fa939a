import type { ClusterObject } from '../../../cluster/cluster.ts';
import { fieldAt, isRecord } from '../../../cluster/fields/path.ts';
import { formatRef, refOf } from '../../../cluster/ref.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';

/** Kinds that reach beyond a namespace, hold data, or give rights. */
const refusedKinds: Readonly<Record<string, string>> = {
  Namespace: 'what is made in it would be lost with it',
  Node: 'it is no part of a namespace',
  PersistentVolume: 'it holds data',
  PersistentVolumeClaim: 'it holds data',
  CustomResourceDefinition: 'all of its objects would be lost with it',
  Role: 'it gives rights',
  RoleBinding: 'it gives rights',
  ClusterRole: 'it gives rights',
  ClusterRoleBinding: 'it gives rights',
  APIService: 'it changes the API for everybody',
  MutatingWebhookConfiguration: 'it changes the API for everybody',
  ValidatingWebhookConfiguration: 'it changes the API for everybody',
  Event: 'it is a record of what happened',
  Lease: 'it is a heartbeat',
};

/** Words that would tell a responder what an object is for. */
const telling = /misfortune|chaos|game.?day|\bfault|\bdecoy|\boracle|\bculprit|inject/i;

/** Throws MisfortuneError for what no fault may create: `refused-kind`, `reaches-node`, `telling-name`. */
export function assertCreatable(object: ClusterObject): void {
  const name = formatRef(refOf(object));
  const no = (code: string, message: string, todo: string) =>
    new MisfortuneError(code, message, { todo, exitCode: exitCodes.refused });
  const why = refusedKinds[object.kind];
  if (why)
    throw no(
      'refused-kind',
      `A fault may not create a ${object.kind}: ${why}.`,
      'Leave it out of the manifests.',
    );
  const reach = podSpecs(object).flatMap(reachesNode)[0];
  if (reach)
    throw no(
      'reaches-node',
      `${name} asks for ${reach}: it would reach the node.`,
      'Leave that out of its pods.',
    );
  const { labels, annotations } = object.metadata;
  assertNeutral([object.metadata.name, labels, annotations], name);
}

/** Throws MisfortuneError `telling-name` where what a responder can read says what it is for. `whose`: for the message. */
export function assertNeutral(texts: unknown[], whose: string): void {
  const word = telling.exec(JSON.stringify(texts))?.[0];
  if (!word) return;
  throw new MisfortuneError('telling-name', `${whose} says "${word}" where responders can read it.`, {
    todo: 'Give it a neutral name and neutral texts.',
    exitCode: exitCodes.refused,
  });
}

function podSpecs(object: ClusterObject): unknown[] {
  const places = [
    ['spec'],
    ['spec', 'template', 'spec'],
    ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
  ];
  return places
    .map((path) => fieldAt(object, path))
    .filter((spec) => isRecord(spec) && Array.isArray(spec.containers));
}

function reachesNode(spec: unknown): string[] {
  const { volumes = [], containers = [], initContainers = [] } = spec as Record<string, unknown[]>;
  const hosts = ['hostNetwork', 'hostPID', 'hostIPC'].filter(
    (key) => (spec as Record<string, unknown>)[key] === true,
  );
  const paths = volumes.some((volume) => isRecord(volume) && volume.hostPath !== undefined)
    ? ['hostPath']
    : [];
  const privileged = [...containers, ...initContainers].some(
    (each) => fieldAt(each, ['securityContext', 'privileged']) === true,
  );
  return [...hosts, ...paths, ...(privileged ? ['privileged'] : [])];
}
