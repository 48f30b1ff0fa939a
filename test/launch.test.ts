import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { isAlive } from '../src/alive.ts';
import { packageRoot } from '../src/paths.ts';

it('leaves no npm behind that takes its time, when the installation of a fresh clone is interrupted', async () => {
  const clone = mkdtempSync(join(tmpdir(), 'clone-'));
  mkdirSync(join(clone, 'src'));
  for (const file of ['src/launch.mjs', 'src/build.mjs'])
    copyFileSync(join(packageRoot, file), join(clone, file));
  writeFileSync(join(clone, 'package-lock.json'), '{ "packages": {} }');
  const pidFile = join(clone, 'npm.pid');
  const npm = join(clone, 'npm.cjs');
  writeFileSync(
    npm,
    `process.on('SIGINT', () => {}); setInterval(() => {}, 1000);
     require('node:fs').writeFileSync(${JSON.stringify(pidFile)}, String(process.pid));`,
  );
  const launch = spawn(process.execPath, [join(clone, 'src/launch.mjs'), 'play'], {
    env: { ...process.env, npm_execpath: npm },
    stdio: 'ignore',
  });
  try {
    await expect
      .poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8'), { timeout: 20_000 })
      .toBeTruthy();
    const pid = Number(readFileSync(pidFile, 'utf8'));
    launch.kill('SIGINT');
    expect(await once(launch, 'exit')).toEqual([130, null]);
    await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
  } finally {
    launch.kill('SIGKILL');
    if (existsSync(pidFile) && isAlive(Number(readFileSync(pidFile, 'utf8'))))
      process.kill(Number(readFileSync(pidFile, 'utf8')), 'SIGKILL');
    rmSync(clone, { recursive: true });
  }
}, 60_000);
