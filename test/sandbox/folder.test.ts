import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { SandboxFolder } from '../../src/sandbox/folder.ts';

let parent: ChildProcess | undefined;
const path = mkdtempSync(join(tmpdir(), 'folder-'));
afterEach(() => {
  parent?.kill('SIGKILL');
  rmSync(path, { recursive: true, force: true });
});

describe('the folder of a sandbox', () => {
  it('is refused while another sandbox lives in it', () => {
    new SandboxFolder(path);
    writeFileSync(join(path, 'sandbox.json'), JSON.stringify({ pid: process.pid }));
    expect(() => new SandboxFolder(path)).toThrow(`process ${process.pid}`);
  });

  it.skipIf(!existsSync('/proc/self/stat'))(
    'is free again when that one has ended, though its parent has not noticed',
    async () => {
      // The child ends when its parent has become a program that never asks for it; the shell itself might still.
      parent = spawn('sh', ['-c', 'sleep 0.3 & echo $!; exec sleep 60'], {
        stdio: ['ignore', 'pipe', 'ignore'],
      });
      const pid = await new Promise<number>((resolve) =>
        parent?.stdout?.once('data', (data) => resolve(Number(data))),
      );
      await expect.poll(() => isZombie(pid), { timeout: 10_000 }).toBe(true);
      new SandboxFolder(path);
      writeFileSync(join(path, 'sandbox.json'), JSON.stringify({ pid }));
      expect(() => new SandboxFolder(path)).not.toThrow();
    },
  );
});

function isZombie(pid: number): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
