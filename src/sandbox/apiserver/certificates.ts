/** A certificate authority for one sandbox and the server's certificate signed by it. */
import { generate } from 'selfsigned';

export interface Certificates {
  caPem: string;
  certPem: string;
  keyPem: string;
}

/** Valid for `days` from now; for 127.0.0.1, localhost and the names of the service kubernetes. */
export async function createCertificates(days = 7): Promise<Certificates> {
  const notBeforeDate = new Date(Date.now() - 3_600_000);
  const notAfterDate = new Date(Date.now() + days * 86_400_000);
  const validity = {
    notBeforeDate,
    notAfterDate,
    algorithm: 'sha256',
    keyType: 'ec' as const,
    curve: 'P-256' as const,
  };
  const ca = await generate([{ name: 'commonName', value: 'kubernetes' }], {
    ...validity,
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  });
  const server = await generate([{ name: 'commonName', value: 'kube-apiserver' }], {
    ...validity,
    ca: { key: ca.private, cert: ca.cert },
    extensions: [
      { name: 'basicConstraints', cA: false },
      { name: 'keyUsage', digitalSignature: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 7, ip: '127.0.0.1' },
          { type: 7, ip: '10.96.0.1' },
          { type: 2, value: 'localhost' },
          { type: 2, value: 'kubernetes' },
          { type: 2, value: 'kubernetes.default' },
          { type: 2, value: 'kubernetes.default.svc' },
          { type: 2, value: 'kubernetes.default.svc.cluster.local' },
        ],
      },
    ],
  });
  return { caPem: ca.cert, certPem: server.cert, keyPem: server.private };
}
