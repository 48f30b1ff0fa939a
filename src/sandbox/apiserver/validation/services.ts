import type { KubeObject } from '../../api.ts';
import type { HookContext } from '../registry/definition.ts';
import type { FieldError } from '../status.ts';
import { validateLabels } from './meta.ts';
import {
  duplicate,
  invalidValue,
  labelProblems,
  oneOf,
  portNameProblems,
  portNumber,
  required,
} from './rules.ts';

interface Port {
  name?: string;
  port: number;
  protocol?: string;
  targetPort: number | string;
  nodePort?: number;
}

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

type Others = Pick<HookContext, 'list'>;

export function validateService(service: KubeObject, context: Others): FieldError[] {
  const { spec } = service;
  const ports: Port[] = spec.ports ?? [];
  const errors: FieldError[] = [];
  const isHeadless = spec.clusterIP === 'None';
  if (ports.length === 0 && !isHeadless && spec.type !== 'ExternalName') errors.push(required('spec.ports'));
  for (const [index, port] of ports.entries())
    errors.push(...validatePort(port, `spec.ports[${index}]`, ports.length > 1));
  errors.push(...validateLabels('spec.selector', spec.selector));
  errors.push(...oneOf('spec.sessionAffinity', spec.sessionAffinity, ['ClientIP', 'None']));
  errors.push(...oneOf('spec.type', spec.type, types));
  if (spec.type === 'ExternalName' && !spec.externalName) errors.push(required('spec.externalName'));
  if (errors.length > 0) return errors;
  return [...duplicates(ports), ...addresses(spec), ...taken(service, ports, context)];
}

/** An address and a port on the nodes belong to one Service only. */
function taken({ metadata, spec }: KubeObject, ports: Port[], { list }: Others): FieldError[] {
  const others = list('services').filter((other) => other.metadata.uid !== metadata.uid);
  const errors: FieldError[] = [];
  const address: string | undefined = spec.type === 'ExternalName' ? undefined : spec.clusterIP;
  if (address && address !== 'None' && others.some((other) => other.spec.clusterIP === address)) {
    const why = `failed to allocate IP ${address}: provided IP is already allocated`;
    errors.push(invalidValue('spec.clusterIPs[0]', spec.clusterIPs, why));
  }
  const used = new Set(
    others.flatMap((other) => ((other.spec.ports ?? []) as Port[]).map(({ nodePort }) => nodePort)),
  );
  for (const [index, { nodePort }] of ports.entries()) {
    if (!nodePort || !used.has(nodePort)) continue;
    const why = 'provided port is already allocated';
    errors.push(invalidValue(`spec.ports[${index}].nodePort`, nodePort, why));
  }
  return errors;
}

function validatePort(port: Port, path: string, needsName: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const { name, targetPort } = port;
  if (needsName && !name) errors.push(required(`${path}.name`));
  else if (name)
    errors.push(...labelProblems(name).map((problem) => invalidValue(`${path}.name`, name, problem)));
  errors.push(...portNumber(`${path}.port`, port.port));
  errors.push(...oneOf(`${path}.protocol`, port.protocol, ['SCTP', 'TCP', 'UDP']));
  if (typeof targetPort === 'number') errors.push(...portNumber(`${path}.targetPort`, targetPort));
  else {
    errors.push(
      ...portNameProblems(targetPort).map((problem) =>
        invalidValue(`${path}.targetPort`, targetPort, problem),
      ),
    );
  }
  if (port.nodePort && (port.nodePort < 30_000 || port.nodePort > 32_767)) {
    const why = 'provided port is not in the valid range. The range of valid ports is 30000-32767';
    errors.push(invalidValue(`${path}.nodePort`, port.nodePort, why));
  }
  return errors;
}

/** The duplicate is shown as the Go struct of its key. */
function duplicates(ports: Port[]): FieldError[] {
  const seen = new Set<string>();
  const names = new Set<string>();
  return ports.flatMap(({ port, protocol = 'TCP', name }, index) => {
    const key = `${protocol}/${port}`;
    const errors: FieldError[] = [];
    if (name && names.has(name)) errors.push(duplicate(`spec.ports[${index}].name`, name));
    if (seen.has(key)) {
      const shown = {
        Name: '',
        Protocol: protocol,
        AppProtocol: null,
        Port: port,
        TargetPort: 0,
        NodePort: 0,
      };
      errors.push(duplicate(`spec.ports[${index}]`, shown));
    }
    seen.add(key);
    names.add(name ?? '');
    return errors;
  });
}

function addresses(spec: KubeObject['spec']): FieldError[] {
  const address: string = spec.clusterIP ?? '';
  if (!address || address === 'None' || spec.type === 'ExternalName' || /^10\.96\.\d+\.\d+$/.test(address))
    return [];
  const why = /^\d+\.\d+\.\d+\.\d+$/.test(address)
    ? `failed to allocate IP ${address}: the provided IP is not in the valid range. The range of valid IPs is 10.96.0.0/16`
    : 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
  return [invalidValue(address.includes(':') ? 'spec.clusterIPs' : 'spec.clusterIPs[0]', [address], why)];
}

/** The address of a Service stays as long as it has one. */
export function validateServiceUpdate({ spec }: KubeObject, { spec: old }: KubeObject): FieldError[] {
  const changes =
    spec.type !== 'ExternalName' && old.type !== 'ExternalName' && spec.clusterIP !== old.clusterIP;
  if (!changes || !old.clusterIP) return [];
  return [invalidValue('spec.clusterIPs[0]', spec.clusterIPs, 'may not change once set')];
}
