/** Pods with a wrong container, in the words of pkg/apis/core/validation. */
import { expect, it } from 'vitest';
import { podWith as c, refusalOf } from './refused.ts';

const p = (spec: object) => c({}, spec);
const probe = (more: object) => c({ livenessProbe: { httpGet: { port: 80, path: '/' }, ...more } });
const mounted = (more: object) =>
  c({ volumeMounts: [{ name: 'v', mountPath: '/a', ...more }] }, { volumes: [{ name: 'v', emptyDir: {} }] });

it.each<[Parameters<typeof refusalOf>[0], string]>([
  [{ kind: 'Pod', spec: { containers: [] } }, 'spec.containers: Required value'],
  [c({ ports: [{ containerPort: 0 }] }), 'spec.containers[0].ports[0].containerPort: Required value'],
  [
    c({ ports: [{ containerPort: 70000 }] }),
    'spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive',
  ],
  [
    c({ ports: [{ containerPort: 80, hostPort: -1 }] }),
    'spec.containers[0].ports[0].hostPort: Invalid value: -1: must be between 1 and 65535, inclusive',
  ],
  [
    c({ ports: [{ containerPort: 80, name: 'waytoolongportname' }] }),
    'spec.containers[0].ports[0].name: Invalid value: "waytoolongportname": must be no more than 15 characters',
  ],
  [
    c({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
    'spec.containers[0].ports[1].name: Duplicate value: "a"',
  ],
  [c({ livenessProbe: {} }), 'spec.containers[0].livenessProbe: Required value: must specify a handler type'],
  [
    c({ livenessProbe: { httpGet: { port: 80, path: '/' }, exec: { command: ['a'] } } }),
    'spec.containers[0].livenessProbe.httpGet: Forbidden: may not specify more than 1 handler type',
  ],
  [
    c({ livenessProbe: { httpGet: { port: 0, path: '/' } } }),
    'spec.containers[0].livenessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    c({ livenessProbe: { tcpSocket: { port: 'a_b' } } }),
    'spec.containers[0].livenessProbe.tcpSocket.port: Invalid value: "a_b": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)',
  ],
  [
    probe({ initialDelaySeconds: -1 }),
    'spec.containers[0].livenessProbe.initialDelaySeconds: Invalid value: -1: must be greater than or equal to 0',
  ],
  [
    probe({ successThreshold: 2 }),
    'spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1',
  ],
  [
    probe({ terminationGracePeriodSeconds: 0 }),
    'spec.containers[0].livenessProbe.terminationGracePeriodSeconds: Invalid value: 0: must be greater than 0',
  ],
  [
    c({ readinessProbe: { httpGet: { port: 80, path: '/', scheme: 'FTP' } } }),
    'spec.containers[0].readinessProbe.httpGet.scheme: Unsupported value: "FTP": supported values: "HTTP", "HTTPS"',
  ],
  [
    c({ readinessProbe: { grpc: { port: 0 } } }),
    'spec.containers[0].readinessProbe.grpc.port: Invalid value: 0: must be between 1 and 65535, inclusive',
  ],
  [
    c({ lifecycle: { preStop: {} } }),
    'spec.containers[0].lifecycle.preStop: Required value: must specify a handler type',
  ],
  [
    c({ lifecycle: { preStop: { sleep: { seconds: 100 } } } }),
    'spec.containers[0].lifecycle.preStop.sleep: Invalid value: 100: must be non-negative and less than terminationGracePeriodSeconds (30)',
  ],
  [
    c({ env: [{ name: 'a=b' }] }),
    'spec.containers[0].env[0].name: Invalid value: "a=b": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    c({ env: [{ name: 'a', value: 'x', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }] }),
    'spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty',
  ],
  [
    c({ env: [{ name: 'a', valueFrom: { fieldRef: { fieldPath: 'spec.foo' } } }] }),
    'spec.containers[0].env[0].valueFrom.fieldRef.fieldPath: Invalid value: "spec.foo": error converting fieldPath: field label not supported: spec.foo',
  ],
  [
    c({ env: [{ name: 'a', valueFrom: { configMapKeyRef: { key: 'a' } } }] }),
    'spec.containers[0].env[0].valueFrom.configMapKeyRef.name: Invalid value: ""',
  ],
  [
    c({ envFrom: [{ prefix: 'a=', configMapRef: { name: 'a' } }] }),
    'spec.containers[0].envFrom[0].prefix: Invalid value: "a=": a valid environment variable name must consist only of printable ASCII characters other than \'=\'',
  ],
  [
    c({ envFrom: [{ configMapRef: { name: 'A_b' } }] }),
    'spec.containers[0].envFrom[0].configMapRef.name: Invalid value: "A_b"',
  ],
  [
    c({ resources: { limits: { foo: '1' } } }),
    'spec.containers[0].resources.limits[foo]: Invalid value: "foo": must be a standard resource type or fully qualified',
  ],
  [
    c({ resources: { limits: { cpu: '-1' } } }),
    '[spec.containers[0].resources.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0, spec.containers[0].resources.requests[cpu]: Invalid value: "-1": must be greater than or equal to 0]',
  ],
  [
    c({ resources: { limits: { cpu: '1' }, requests: { cpu: '2' } } }),
    'spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1',
  ],
  [
    c({ resources: { requests: { 'example.com/gpu': '1' } } }),
    'spec.containers[0].resources.limits: Required value: Limit must be set for non overcommitable resources',
  ],
  [
    c({ volumeMounts: [{ name: 'v', mountPath: '/a' }] }),
    'spec.containers[0].volumeMounts[0].name: Not found: "v"',
  ],
  [
    mounted({ mountPropagation: 'X' }),
    'spec.containers[0].volumeMounts.mountPropagation: Unsupported value: "X": supported values: "Bidirectional", "HostToContainer", "None"',
  ],
  [
    mounted({ mountPropagation: 'Bidirectional' }),
    'spec.containers[0].volumeMounts.mountPropagation: Forbidden: Bidirectional mount propagation is available only to privileged containers',
  ],
  [
    mounted({ recursiveReadOnly: 'Enabled' }),
    'spec.containers[0].volumeMounts.recursiveReadOnly: Forbidden: may only be specified when readOnly is true',
  ],
  [
    c({ volumeDevices: [{ name: 'v', devicePath: '/a' }] }),
    'spec.containers[0].volumeDevices[0].name: Not found: "v"',
  ],
  [
    c({ imagePullPolicy: 'Maybe' }),
    'spec.containers[0].imagePullPolicy: Unsupported value: "Maybe": supported values: "Always", "IfNotPresent", "Never"',
  ],
  [
    c({ image: ' b' }),
    'spec.containers[0].image: Invalid value: " b": must not have leading or trailing whitespace',
  ],
  [
    c({ terminationMessagePolicy: 'X' }),
    'spec.containers[0].terminationMessagePolicy: Unsupported value: "X": supported values: "File", "FallbackToLogsOnError"',
  ],
  [
    c({ resizePolicy: [{ resourceName: 'disk', restartPolicy: 'NotRequired' }] }),
    'spec.containers[0].resizePolicy: Unsupported value: "disk": supported values: "cpu", "memory"',
  ],
  [
    c({ resizePolicy: [{ resourceName: 'cpu', restartPolicy: 'X' }] }),
    'spec.containers[0].resizePolicy: Unsupported value: "X": supported values: "NotRequired", "RestartContainer"',
  ],
  [
    c({
      resizePolicy: [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
      ],
    }),
    'spec.containers[0].resizePolicy[1]: Duplicate value: "cpu"',
  ],
  [
    c({ restartPolicy: 'Sometimes' }),
    'spec.containers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    p({ initContainers: [{ name: 'i', image: 'b', restartPolicy: 'Sometimes' }] }),
    'spec.initContainers[0].restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "Never", "OnFailure"',
  ],
  [
    p({ initContainers: [{ name: 'i', image: 'b', readinessProbe: { exec: { command: ['a'] } } }] }),
    'spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always',
  ],
  [p({ initContainers: [{ name: 'c', image: 'b' }] }), 'spec.initContainers[0].name: Duplicate value: "c"'],
  [
    p({ ephemeralContainers: [{ name: 'e', image: 'b' }] }),
    'spec.ephemeralContainers: Forbidden: cannot be set on create',
  ],
  [c({ livenessProbe: { exec: {} } }), 'spec.containers[0].livenessProbe.exec.command: Required value'],
  [
    c({ livenessProbe: { httpGet: { path: '/', port: 1, httpHeaders: [{ name: 'a b', value: 'x' }] } } }),
    'spec.containers[0].livenessProbe.httpGet.httpHeaders: Invalid value: "a b"',
  ],
])('%j is refused', (wrong, why) => {
  expect(refusalOf(wrong)).toContain(why);
});
