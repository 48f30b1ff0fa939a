import type { V1ServicePort, V1ServiceSpec } from '@kubernetes/client-node';
import { z } from 'zod';
import type { ClusterObject, Ref } from '../../../cluster/cluster.ts';
import { fieldChanges } from '../../../cluster/fields/changes.ts';
import { ourPodSpec } from '../../../cluster/our-pod.ts';
import { parseRef } from '../../../cluster/ref.ts';
import { duration, serviceText, slug } from '../../../document/fields.ts';
import { exitCodes, MisfortuneError } from '../../../errors.ts';
import { formatDuration } from '../../../words/duration.ts';
import type { CompileContext, FaultType } from '../../fault-type.ts';
import { createOperation, disguiseLabels, ourPods, programConfigMap } from '../shared/disguise.ts';
import { servedChanges } from '../shared/served-changes.ts';
import { assertAllowed, existing } from '../shared/target.ts';

const share = z.number().gt(0).max(1);

const schema = z
  .strictObject({
    service: serviceText.describe('The Service: service/namespace/name, in an allowed namespace.'),
    delay: duration
      .optional()
      .describe(
        'What clients send arrives so much later: an HTTP request takes longer by it, a query of several round trips by it for each.',
      ),
    jitter: duration.prefault('0s').describe('More or less delay by as much, each time another.'),
    errors: z
      .strictObject({
        share: share.describe('Share of the requests, above 0 up to 1.'),
        status: z.int().min(400).max(599).default(503).describe('Status of the answer.'),
      })
      .optional()
      .describe(
        'Answers instead of the pods. For plain HTTP/1.1 only: other protocols, TLS and WebSockets do not get through where this is set.',
      ),
    dropIdleAfter: duration
      .optional()
      .describe(
        'A connection on which nothing was sent for so long is forgotten: it stays open, and what is sent on it gets no answer.',
      ),
    share: share.default(1).describe('Share of the connections that feel any of it, above 0 up to 1.'),
    replicas: z.int().min(1).max(10).default(1).describe('Pods of the proxy.'),
    disguise: z
      .strictObject({ name: slug.describe('Name of its Deployment; all that is created is named after it.') })
      .describe('What the proxy looks like.'),
  })
  .superRefine(({ delay, jitter, errors, dropIdleAfter }, context) => {
    const issue = (message: string) => context.addIssue({ code: 'custom', message });
    if ((delay ?? errors ?? dropIdleAfter) === undefined)
      issue('Expected at least one of delay, errors and dropIdleAfter.');
    if (jitter > (delay ?? 0)) issue('Expected jitter to be at most delay.');
    if (dropIdleAfter !== undefined && dropIdleAfter < Math.max(1000, (delay ?? 0) + jitter))
      issue('Expected dropIdleAfter to be at least 1s, and at least delay and jitter together.');
  });

export type ProxySpec = z.output<typeof schema>;

/** Ports of the proxy's pod: one for each of the Service, and one that tells that it is ready. */
const FIRST_PORT = 8080;
const READY_PORT = 8079;

export const proxy: FaultType<ProxySpec> = {
  type: 'proxy',
  mechanism: 'proxy',
  cause: 'something between a Service and its pods delays, fails or forgets connections',
  reverts: 'reverts',
  combines:
    'With all others; not with what changes selector or ports of the same Service. A `service` or `workload` fault of the pods behind it is felt through it.',
  schema,
  about: `Puts a proxy between a Service and its pods that delays what clients send, answers HTTP requests with errors, or forgets idle connections. It is a Deployment in the Service's namespace, ready before the Service leads to it; a second Service with the selector of the first is how it reaches the pods. It is felt by connections that are opened from then on: a client that keeps its connections feels it when it opens new ones. The pods see the address of the proxy instead of the client's, and a Prometheus that finds its targets by this Service scrapes through it. A forgotten connection still has its TCP keep-alives answered, so they neither keep it nor show that it is dead; the server keeps its side, too, until it closes it. When it is undone the Service leads back first; connections through the proxy are closed as they get quiet, after 4 s all of them. NetworkPolicies have to let it reach the pods: it does not get ready otherwise, and nothing is led to it. Refused for a Service without a selector or an address of its own, with ports that are not TCP, with the affinity ClientIP or a traffic policy Local.`,
  describe: (spec) => `put ${spec.disguise.name} before ${spec.service}: ${effects(spec)}`,
  permissions(spec) {
    const ref = parseRef(spec.service);
    const made = { verbs: ['create', 'get', 'delete'], namespace: ref.namespace };
    return [
      { verbs: ['get', 'patch'], ...ref },
      { ...made, kind: 'configmap' },
      { ...made, kind: 'service' },
      { ...made, kind: 'deployment', group: 'apps' },
    ];
  },
  touches: (spec) => [parseRef(spec.service)],
  claims(spec) {
    const ref = parseRef(spec.service);
    return [
      { ref, path: ['spec', 'selector'] },
      { ref, path: ['spec', 'ports'] },
      { ref: deploymentRef(spec) },
    ];
  },
  async compile(spec, context) {
    const ref = parseRef(spec.service);
    assertAllowed(ref, context.namespaces, 'The Service');
    const object = await existing(ref, context.cluster);
    const found = object.spec as V1ServiceSpec;
    assertProxyable(spec, found);
    const { name } = spec.disguise;
    const labels = disguiseLabels(name, 'proxy');
    const ports = (found.ports ?? []).map((port, index) => ({ ...port, targetPort: FIRST_PORT + index }));
    const changes = await servedChanges(
      ref,
      object,
      [
        ...fieldChanges(found.selector, labels, ['spec', 'selector']),
        ...fieldChanges(found.ports, ports, ['spec', 'ports']),
      ],
      context,
    );
    const program = programConfigMap(
      { name, namespace: ref.namespace! },
      context.programText('proxy.cjs'),
      labels,
    );
    const ready = { type: 'rollout' as const, ref: deploymentRef(spec), within: 60, needed: true as const };
    return [
      createOperation(program, `create the program of ${name}`),
      createOperation(behind(spec, found, labels), `create a Service for the pods of ${spec.service}`),
      {
        ...createOperation(deployment(spec, ports, labels, context), `create ${name}`, ourPods),
        ready: [ready],
      },
      {
        verb: 'patch',
        ref,
        changes,
        describe: `let ${spec.service} lead to ${name}: ${effects(spec)}`,
        reverts: 'reverts',
        ready: [],
      },
    ];
  },
  example: {
    service: 'service/shop/checkout',
    delay: '400ms',
    jitter: '100ms',
    errors: { share: 0.05, status: 503 },
    disguise: { name: 'quote-cache' },
  },
};

/** Throws MisfortuneError `not-proxyable` for a Service that would break in another way than is asked for. */
function assertProxyable({ service }: ProxySpec, spec: V1ServiceSpec): void {
  const { type, selector, clusterIP, ports = [], sessionAffinity } = spec;
  const other = ports.find(({ protocol = 'TCP' }) => protocol !== 'TCP');
  const local = (['externalTrafficPolicy', 'internalTrafficPolicy'] as const).find(
    (key) => spec[key] === 'Local',
  );
  const why =
    type === 'ExternalName'
      ? 'is of the type ExternalName: it leads to a name and not to pods'
      : Object.keys(selector ?? {}).length === 0
        ? 'has no selector: who it leads to is not its own to say'
        : clusterIP === 'None'
          ? 'is headless: its clients reach the pods themselves'
          : other
            ? `has the ${other.protocol} port ${other.port}`
            : sessionAffinity === 'ClientIP'
              ? 'has the session affinity ClientIP, and behind a proxy all clients are one'
              : local && `has ${local} Local, and the proxy is not on each node that pods are on`;
  if (!why) return;
  throw new MisfortuneError('not-proxyable', `${service} ${why}.`, {
    todo: 'Choose a Service with a selector, an address and TCP ports, without affinity and with the traffic policy Cluster.',
    exitCode: exitCodes.refused,
  });
}

function deploymentRef({ service, disguise }: ProxySpec): Ref {
  return { kind: 'deployment', group: 'apps', namespace: parseRef(service).namespace, name: disguise.name };
}

/** The Service by which the proxy reaches the pods. */
function behind(
  { service, disguise }: ProxySpec,
  { selector, ports, publishNotReadyAddresses }: V1ServiceSpec,
  labels: Record<string, string>,
): ClusterObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: `${disguise.name}-origin`, namespace: parseRef(service).namespace, labels },
    spec: {
      selector,
      ports: ports?.map(({ nodePort: _own, ...port }) => port),
      ...(publishNotReadyAddresses && { publishNotReadyAddresses }),
    },
  };
}

function deployment(
  spec: ProxySpec,
  ports: readonly (V1ServicePort & { targetPort: number })[],
  labels: Record<string, string>,
  settings: CompileContext,
): ClusterObject {
  const { name, namespace } = deploymentRef(spec);
  const { delay = 0, jitter, errors, dropIdleAfter = 0, share, replicas } = spec;
  const env = {
    HOST: `${name}-origin.${namespace}`,
    PORTS: JSON.stringify(ports.map(({ port, targetPort }) => ({ listen: targetPort, port }))),
    READY_PORT,
    SHARE: share,
    DELAY_MS: delay,
    JITTER_MS: jitter,
    IDLE_MS: dropIdleAfter,
    ...(errors && { ERROR_SHARE: errors.share, ERROR_STATUS: errors.status }),
  };
  const program = {
    command: ['node', '/app/main.cjs'],
    env,
    resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
    configMap: `${name}-program`,
    serves: { ports: ports.map(({ targetPort }) => targetPort), readyPort: READY_PORT },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: ourPodSpec(program, settings) },
    },
  };
}

function effects({ delay, jitter, errors, dropIdleAfter, share }: ProxySpec): string {
  const percent = (part: number) => `${Number((part * 100).toFixed(1))}%`;
  const parts = [
    ...(delay === undefined
      ? []
      : [`${formatDuration(delay)}${jitter > 0 ? ` ± ${formatDuration(jitter)}` : ''} of delay`]),
    ...(errors ? [`${errors.status} for ${percent(errors.share)} of the requests`] : []),
    ...(dropIdleAfter === undefined
      ? []
      : [`idle connections forgotten after ${formatDuration(dropIdleAfter)}`]),
  ];
  return `${parts.join(', ')}${share < 1 ? `, on ${percent(share)} of the connections` : ''}`;
}
