import { DOORS } from './doors.ts';

type Loose = Record<string, unknown>;

/** Takes away what doors.ts calls closed. */
export function closeDoors(): void {
  const closed = Object.entries(DOORS).flatMap(([name, door]) => {
    // All are loaded before the first is changed: some are made of others.
    const module = door.kept === 'closed' && (process.getBuiltinModule(`node:${name}`) as Loose | undefined);
    return module ? [{ module, names: door.exports[0] === '*' ? Object.keys(module) : door.exports }] : [];
  });
  for (const { module, names } of closed) for (const one of names) if (one in module) deny(module, one);
  for (const name of ['_getActiveHandles', '_getActiveRequests']) {
    (process as unknown as Loose)[name] = () => [];
  }
}

function deny(target: Loose, name: string): void {
  const value = (): never => {
    throw Object.assign(new Error(`${name} EPERM: operation not permitted`), {
      code: 'EPERM',
      syscall: name,
    });
  };
  Object.defineProperty(target, name, { configurable: false, writable: false, enumerable: true, value });
}
