import type { Pod, Service, ServicePort } from '../kinds.ts';

/** A port of a service as it is on one pod. */
export interface TargetPort {
  name: string;
  port: number;
  protocol: string;
  appProtocol?: string;
}

/** The service's ports on this pod. A named target port that the pod does not have is left out. */
export function targetPorts(service: Service, pod: Pod): TargetPort[] {
  const ports: TargetPort[] = [];
  for (const servicePort of service.spec.ports ?? []) {
    const port = findPort(servicePort, pod);
    if (port === undefined) continue;
    const { name = '', protocol = 'TCP', appProtocol } = servicePort;
    ports.push({ name, port, protocol, ...(appProtocol && { appProtocol }) });
  }
  return ports;
}

function findPort({ targetPort, port, protocol = 'TCP' }: ServicePort, { spec }: Pod): number | undefined {
  if (targetPort === undefined || targetPort === 0 || targetPort === '') return port;
  if (typeof targetPort === 'number') return targetPort;
  const sidecars = (spec.initContainers ?? []).filter((container) => container.restartPolicy === 'Always');
  const ports = [...spec.containers, ...sidecars].flatMap((container) => container.ports ?? []);
  return ports.find((one) => one.name === targetPort && (one.protocol ?? 'TCP') === protocol)?.containerPort;
}
