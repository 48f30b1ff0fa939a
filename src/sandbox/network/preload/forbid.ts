import cluster from 'node:cluster';
import dgram from 'node:dgram';
import inspector from 'node:inspector';
import Module from 'node:module';
import os from 'node:os';
import v8 from 'node:v8';

type Loose = Record<string, unknown>;

/** Doors that Node's permission model leaves open, or that lead past the pod's network. */
export function forbidTheRest(): void {
  const deny = (what: string) => () => {
    throw Object.assign(new Error(`${what} EPERM: operation not permitted`), {
      code: 'EPERM',
      syscall: what,
    });
  };
  const loose = (module: unknown): Loose => module as Loose;
  for (const name of ['createSocket', 'Socket', '_createSocketHandle']) loose(dgram)[name] = deny('socket');
  for (const name of ['_getActiveHandles', '_getActiveRequests']) loose(process)[name] = () => [];
  for (const name of ['fork', 'setupPrimary', 'setupMaster']) loose(cluster)[name] = deny('fork');
  for (const name of ['open', 'Session']) loose(inspector)[name] = deny('open');
  loose(os).setPriority = deny('setpriority');
  loose(v8).setFlagsFromString = deny('setflags');
  for (const name of ['writeHeapSnapshot', 'setHeapSnapshotNearHeapLimit', 'startupSnapshot']) {
    loose(v8)[name] = deny('open');
  }
  for (const name of ['enableCompileCache', 'flushCompileCache']) {
    if (loose(Module)[name]) loose(Module)[name] = deny('open');
  }
  const own = process as unknown as Loose & { getBuiltinModule?(name: string): Loose | undefined };
  // A Node that has SQLite for good: it opens files without asking the permission model.
  const sqlite = own.getBuiltinModule?.('node:sqlite');
  for (const name of Object.keys(sqlite ?? {})) loose(sqlite)[name] = deny('open');
  for (const name of ['execve', 'loadEnvFile']) if (own[name]) own[name] = deny(name);
  for (const name of ['setuid', 'setgid', 'seteuid', 'setegid', 'setgroups', 'initgroups']) {
    if (own[name]) own[name] = deny(name);
  }
  for (const name of ['binding', '_linkedBinding', 'dlopen', '_debugProcess', '_debugEnd', 'report']) {
    Object.defineProperty(process, name, { configurable: false, writable: false, value: deny(name) });
  }
}
