import { spawn } from 'node:child_process';
import { z } from 'zod';

/** How long a plug-in may take, ms: some ask a person in a browser. */
const patience = 120_000;

const settingsSchema = z.looseObject({
  apiVersion: z.string().default('client.authentication.k8s.io/v1'),
  command: z.string().min(1),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
});

const credentialSchema = z.object({
  kind: z.literal('ExecCredential'),
  status: z.object({
    token: z.string().optional(),
    clientCertificateData: z.string().optional(),
    clientKeyData: z.string().optional(),
    expirationTimestamp: z.string().nullish(),
  }),
});

/** What a plug-in gave. */
export interface ExecCredential {
  token?: string;
  clientCertificateData?: string;
  clientKeyData?: string;
  /** Wall ms; undefined: it says of no end, and is used until the API server refuses it. */
  expiresAt?: number;
}

/**
 * Asks a credential plug-in once, as client-go does (https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins).
 * @throws Error that says what the plug-in said
 */
export async function askPlugin(settings: unknown): Promise<ExecCredential> {
  const { command, args, env, apiVersion, installHint } = settingsSchema.parse(settings);
  const info = { kind: 'ExecCredential', apiVersion, spec: { interactive: false } };
  const child = spawn(command, args ?? [], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...Object.fromEntries((env ?? []).map(({ name, value }) => [name, value])),
      KUBERNETES_EXEC_INFO: JSON.stringify(info),
    },
    timeout: patience,
  });
  let [output, complaints] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaints = (complaints + text).slice(-2000);
  });
  await new Promise<void>((done, failed) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      const hint = error.code === 'ENOENT' && installHint ? ` ${installHint}` : '';
      failed(new Error(`${command} cannot be started: ${error.message}.${hint}`));
    });
    child.once('close', (code, signal) => {
      if (code === 0) done();
      else failed(new Error(`${command} ended with ${signal ?? code}. ${complaints.trim()}`.trim()));
    });
  });
  const { status } = understood(output, command);
  const { expirationTimestamp, ...credential } = status;
  const expiresAt = Date.parse(expirationTimestamp ?? '');
  return { ...credential, ...(Number.isFinite(expiresAt) && { expiresAt }) };
}

function understood(output: string, command: string): z.output<typeof credentialSchema> {
  try {
    return credentialSchema.parse(JSON.parse(output));
  } catch (cause) {
    throw new Error(`Expected an ExecCredential with a status from ${command}, got something else.`, {
      cause,
    });
  }
}
