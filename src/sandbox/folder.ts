import { mkdirSync, mkdtempSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isAlive } from '../alive.ts';
import type { SandboxState } from './api.ts';
import { readState } from './orphan.ts';

/** macOS allows 104 bytes for the path of a unix socket, the final zero included. */
const LONGEST_SOCKET_PATH = 100;
/** A server of the image `postgres` has its socket in a folder of its own. */
const LONGEST_SOCKET_NAME = 'db-000000/.s.PGSQL.65535';

/** The files of one sandbox. What is not its own in the folder is left alone. */
export class SandboxFolder {
  readonly pods: string;
  /** A folder for unix sockets; LONGEST_SOCKET_NAME has room in it. */
  readonly sockets: string;
  /** An empty folder, the place where the second wall builds its root. */
  readonly wallRoot: string;
  readonly kubeconfig: string;
  readonly responderKubeconfig: string;
  readonly log: string;
  readonly state: string;
  private readonly extra: string | undefined;

  /** @throws Error if another sandbox is running in this folder */
  constructor(readonly path: string) {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    this.state = join(path, 'sandbox.json');
    const other = readState(this.state);
    if (other && isAlive(other.pid)) {
      throw new Error(
        `Expected no sandbox in ${path}, but one is running (process ${other.pid}); stop it or use another folder.`,
      );
    }
    this.pods = join(path, 'pods');
    this.kubeconfig = join(path, 'kubeconfig');
    this.responderKubeconfig = join(path, 'kubeconfig-responder');
    this.log = join(path, 'sandbox.log');
    this.wallRoot = join(path, 'root');
    const near = join(path, 'net');
    this.extra =
      Buffer.byteLength(join(near, LONGEST_SOCKET_NAME)) > LONGEST_SOCKET_PATH
        ? mkdtempSync(join(tmpdir(), 'net-'))
        : undefined;
    this.sockets = this.extra ?? near;
    // A sandbox that was killed could not clean up.
    this.removeOwn();
    for (const own of [this.pods, this.sockets, this.wallRoot]) {
      mkdirSync(own, { recursive: true, mode: 0o700 });
    }
  }

  writeState(state: SandboxState): void {
    const draft = `${this.state}.tmp`;
    writeFileSync(draft, `${JSON.stringify(state, undefined, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.state);
  }

  /** Removes everything of the sandbox, and the folder if nothing else is in it. `keepLog`: it says why the sandbox died. */
  remove({ keepLog }: { keepLog: boolean }): void {
    // Somebody removed the folder and started another sandbox in its place.
    const other = readState(this.state);
    if (other && other.pid !== process.pid) return;
    this.removeOwn();
    if (!keepLog) rmSync(this.log, { force: true });
    try {
      rmdirSync(this.path);
    } catch {
      // Somebody keeps other files in it.
    }
  }

  private removeOwn(): void {
    const own = [
      this.state,
      this.pods,
      this.sockets,
      this.wallRoot,
      this.kubeconfig,
      this.responderKubeconfig,
    ];
    for (const path of own) rmSync(path, { recursive: true, force: true, maxRetries: 3 });
  }
}
