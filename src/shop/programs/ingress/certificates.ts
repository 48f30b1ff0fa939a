import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import type { KubeObject } from '../shared/kubernetes.ts';
import type { Ingress } from './routes.ts';

export interface Secret extends KubeObject {
  type?: string;
  /** In base64. */
  data?: Record<string, string>;
}

/** What is shown to clients that ask for `host`. */
export interface Certificate {
  host: string;
  secret: string;
  context: SecureContext;
  /** Seconds since 1970. */
  expires: number;
}

/** The certificates that the Ingresses name, and why one of them cannot be used. */
export function certificatesOf(
  ingresses: readonly Ingress[],
  secrets: readonly Secret[],
): { certificates: Certificate[]; problems: string[] } {
  const problems: string[] = [];
  const certificates = ingresses.flatMap(({ spec }) =>
    (spec.tls ?? []).flatMap(({ hosts = [], secretName = '' }) => {
      try {
        const pair = pairOf(secrets.find(({ metadata }) => metadata.name === secretName));
        return hosts.map((host) => ({ host, secret: secretName, ...pair }));
      } catch (error) {
        problems.push(`Secret ${secretName}: ${(error as Error).message}`);
        return [];
      }
    }),
  );
  return { certificates, problems };
}

function pairOf(secret: Secret | undefined): { context: SecureContext; expires: number } {
  const { 'tls.crt': cert, 'tls.key': key } = secret?.data ?? {};
  if (!cert || !key) throw new Error(secret ? 'has no tls.crt and tls.key' : 'is not there');
  const decoded = { cert: Buffer.from(cert, 'base64'), key: Buffer.from(key, 'base64') };
  const expires = Date.parse(new X509Certificate(decoded.cert).validTo) / 1000;
  return { context: createSecureContext(decoded), expires };
}
