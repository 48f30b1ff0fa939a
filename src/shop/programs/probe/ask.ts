import { request } from 'node:https';
import type { TLSSocket } from 'node:tls';

/** What came of one probe; times in seconds. */
export interface Outcome {
  /** 0: no answer. */
  status: number;
  /** Why it failed: a code such as ENOTFOUND, ETIMEDOUT, CERT_HAS_EXPIRED. */
  problem?: string;
  phases: Partial<Record<Phase, number>>;
  /** When the certificate that was shown ends, seconds since 1970. */
  certificateExpires?: number;
}

export type Phase = 'resolve' | 'connect' | 'tls' | 'processing' | 'transfer';

/** Asks once, over a new connection. A certificate that is not trusted is a problem, and is looked at all the same. */
export function ask(url: string, ca: string | undefined, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const outcome: Outcome = { status: 0, phases: {} };
    let last = performance.now();
    const passed = (phase: Phase) => {
      const now = performance.now();
      outcome.phases[phase] = (now - last) / 1000;
      last = now;
    };
    const end = (problem?: string) => {
      clearTimeout(timer);
      resolve({ ...outcome, ...((outcome.problem ?? problem) && { problem: outcome.problem ?? problem }) });
    };
    const asked = request(url, { agent: false, ca, rejectUnauthorized: false });
    const timer = setTimeout(() => asked.destroy(new NoAnswer()), timeoutMs);
    asked.once('socket', (socket) => {
      socket.once('lookup', () => passed('resolve'));
      socket.once('connect', () => passed('connect'));
      socket.once('secureConnect', () => {
        passed('tls');
        const { authorized, authorizationError } = socket as TLSSocket;
        const { valid_to: end } = (socket as TLSSocket).getPeerCertificate();
        if (end) outcome.certificateExpires = Date.parse(end) / 1000;
        if (!authorized) outcome.problem = String(authorizationError);
      });
    });
    asked.once('response', (response) => {
      passed('processing');
      outcome.status = response.statusCode ?? 0;
      response.resume();
      response.once('end', () => {
        passed('transfer');
        end(outcome.status >= 200 && outcome.status < 300 ? undefined : `HTTP_${outcome.status}`);
      });
    });
    asked.once('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.name));
    asked.end();
  });
}

class NoAnswer extends Error {
  readonly code = 'TIMEOUT';
}
