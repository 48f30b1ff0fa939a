import net from 'node:net';
import type { PathMap } from './paths.ts';

const EPERM = -1;

type Method = (this: unknown, ...args: never[]) => number;
type Prototype = Record<string, Method>;

/**
 * The classes under net.Socket and net.Server can be reached through any socket's `_handle`. They open only
 * what the pod's network allowed: loopback listeners on a free port, connections that a route was found for.
 */
export class HandleGuard {
  private readonly permits = new Map<string, number>();

  constructor(paths: PathMap, pipe: net.Socket) {
    const create = (net as unknown as { _createServerHandle(...args: unknown[]): { close(): void } })
      ._createServerHandle;
    const tcp = create('127.0.0.1', 0, 4);
    this.guardTcp(Object.getPrototypeOf(tcp) as Prototype);
    tcp.close();
    const handle = (pipe as unknown as { _handle: object })._handle;
    guardPipe(Object.getPrototypeOf(handle) as Prototype, paths);
  }

  /** Allows one connection to a port of the host's loopback. */
  permit(address: string, port: number): void {
    const key = `${address}:${port}`;
    this.permits.set(key, (this.permits.get(key) ?? 0) + 1);
  }

  private guardTcp(prototype: Prototype): void {
    const bind = prototype.bind as (address: string, port: number, flags?: number) => number;
    const connect = prototype.connect as (request: object, address: string, port: number) => number;
    const take = (key: string): boolean => {
      const left = this.permits.get(key) ?? 0;
      if (left > 1) this.permits.set(key, left - 1);
      else this.permits.delete(key);
      return left > 0;
    };
    Object.assign(prototype, {
      bind(this: unknown, address: string, port: number, flags?: number) {
        return address === '127.0.0.1' && port === 0 ? bind.call(this, address, port, flags) : EPERM;
      },
      connect(this: unknown, request: object, address: string, port: number) {
        return take(`${address}:${port}`) ? connect.call(this, request, address, port) : EPERM;
      },
      bind6: () => EPERM,
      connect6: () => EPERM,
      open: () => EPERM,
    });
  }
}

function guardPipe(prototype: Prototype, paths: PathMap): void {
  const bind = prototype.bind as (path: string) => number;
  const connect = prototype.connect as (request: object, path: string) => number;
  const open = prototype.open as (fd: number) => number;
  Object.assign(prototype, {
    bind(this: unknown, path: string) {
      return paths.isReal(path) ? bind.call(this, path) : EPERM;
    },
    connect(this: unknown, request: object, path: string) {
      return paths.isReal(path) ? connect.call(this, request, path) : EPERM;
    },
    open(this: unknown, fd: number) {
      return fd <= 2 ? open.call(this, fd) : EPERM;
    },
  });
}
