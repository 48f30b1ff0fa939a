import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Scorecard } from '../../../src/grade/scorecard.ts';
import { packageRoot } from '../../../src/paths.ts';
import { failingPrometheus } from './failing-prometheus.ts';
import { Place, startingMs } from './place.ts';
import { until } from './processes.ts';

const isRoot = process.getuid?.() === 0;
let place: Place;
beforeAll(async () => {
  place = new Place();
  await place.startSandbox();
}, startingMs);
afterAll(() => place.close());
afterEach(() => place.endPrograms());

describe('bad input', () => {
  it('names the nearest scenario for an unknown one and touches nothing', async () => {
    const { exitCode, stderr } = await place.run(['play', 'haymakr', '--speed', String(place.speed)]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('haymaker') });
    expect(await place.differences()).toEqual([]);
  });

  it('says what a speed is', async () => {
    for (const speed of ['fast', '0', '-1', '1e9']) {
      const { exitCode, stderr } = await place.run(['play', 'haymaker', '--speed', speed]);
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining('from 1 to 100') });
    }
  });

  it('refuses another speed than that of the sandbox that runs', async () => {
    const { exitCode, stderr } = await place.run(['play', 'haymaker', '--speed', '2', '--json']);
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('sandbox stop') });
  });

  it('points into a broken scenario and still offers the good ones', async () => {
    const folder = join(place.home, 'team');
    mkdirSync(join(folder, 'scenarios'), { recursive: true });
    const good = join(packageRoot, 'scenarios/haymaker.yaml');
    copyFileSync(good, join(folder, 'scenarios/good.yaml'));
    writeFileSync(
      join(folder, 'scenarios/broken.yaml'),
      'apiVersion: misfortune/v1\nkind: Scenario\nnmae: x\n',
    );
    writeFileSync(
      join(folder, 'misfortune.yaml'),
      'apiVersion: misfortune/v1\nkind: Config\nscenarios: [./scenarios]\n',
    );
    const lint = await place.run(['scenario', 'lint', 'scenarios/broken.yaml'], {}, folder);
    expect(lint.exitCode).not.toBe(0);
    expect(lint.stdout + lint.stderr).toMatch(/broken\.yaml:3:1: Unknown key "nmae"\.\s+Did you mean "name"/);
    const names = await place.run(['scenario', 'list', '--names'], {}, folder);
    expect(names.stdout).toContain('haymaker');
  });

  it('says that no game runs to those who would join one', async () => {
    for (const command of [['join', '--yes', '-c', 'true'], ['ack'], ['resolve'], ['hint']]) {
      const { exitCode, stderr } = await place.run(command);
      expect({ exitCode, stderr }).toEqual({
        exitCode: 2,
        stderr: expect.stringContaining('misfortune play'),
      });
    }
  });

  it('says that kubectl is missing', async () => {
    const bin = join(place.home, 'bin');
    mkdirSync(bin);
    for (const name of ['sh', 'node', 'ps']) symlinkSync(whereIs(name), join(bin, name));
    const { stdout, stderr } = await place.run(['doctor'], { PATH: bin });
    expect(stdout + stderr).toMatch(/✗ kubectl: not on the PATH/);
  });

  it.skipIf(isRoot)('says that it cannot write its state home', async () => {
    const home = join(place.home, 'locked');
    mkdirSync(home);
    chmodSync(home, 0o500);
    const { exitCode, stderr } = await place.run(['sandbox', 'start'], { MISFORTUNE_HOME: home });
    expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(home) });
  });

  it('says that its state home is no folder', async () => {
    const home = join(place.home, 'file');
    writeFileSync(home, '');
    for (const command of [
      ['sandbox', 'start'],
      ['play', 'haymaker', '--json'],
    ]) {
      const { exitCode, stderr } = await place.run(command, { MISFORTUNE_HOME: home });
      expect({ exitCode, stderr }).toEqual({ exitCode: 2, stderr: expect.stringContaining(home) });
      expect(stderr).not.toContain('defect');
    }
  });
});

describe('an outside part that fails while a game is played', () => {
  it('refuses a second game and tells the shell that outlives the first', async () => {
    const game = await place.playing('haymaker');
    const second = await place.run(['play', 'haymaker', '--speed', String(place.speed), '--json']);
    expect(second).toMatchObject({ exitCode: 3, stderr: expect.stringMatching(/runs already/) });
    const shell = place.join(
      'while [ ! -e gone ]; do sleep 0.2; done; kubectl get pods; kubectl scale deployment checkout --replicas=3; misfortune ack',
    );
    await game.happened('somebody has joined', ({ type }) => type === 'responder-joined');
    game.child.kill('SIGINT');
    expect(await game.ended).toBe(130);
    writeFileSync(join(place.home, 'gone'), '');
    const { stderr, stdout } = await shell;
    expect(stdout + stderr).toContain('change blocked: the object could not be saved for undo');
    expect(stderr).toContain('No game runs now.');
    expect(await place.differences()).toEqual([]);
  }, 150_000);

  it('goes on over an API server that does not answer for some seconds', async () => {
    const game = await place.playing('haymaker');
    const { pid } = place.sandbox();
    process.kill(pid, 'SIGSTOP');
    try {
      await game.happened('it is noticed', ({ type }) => type === 'monitor-failed', 60_000);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await game.happened('it is back', ({ type }) => type === 'monitor-back', 60_000);
    game.child.kill('SIGINT');
    await game.ended;
    await place.healthy();
    expect(await place.differences()).toEqual([]);
  }, 200_000);

  it('goes on over a Prometheus that returns errors, and calls what it did not see a gap', async () => {
    const failing = await failingPrometheus(place.home);
    try {
      const game = await place.playing('haymaker');
      failing.break();
      const failed = await game.happened('it is noticed', ({ type }) => type === 'monitor-failed', 60_000);
      expect(failed).toMatchObject({
        part: 'prometheus',
        error: expect.stringContaining('the engine is broken'),
      });
      const { stdout } = await place.join('misfortune dash shop-overview || true; kubectl get pods');
      expect(stdout).toContain('checkout');
      const { seq } = failed;
      await game.happened(
        'the signals have gaps',
        (event) =>
          event.type === 'signals-sampled' &&
          event.seq > seq &&
          event.samples.every(({ value }) => value === null),
      );
      expect(game.events.some(({ type }) => type === 'ended')).toBe(false);
      const told = game.events.filter((event) => event.seq > seq && event.type === 'alert-changed');
      expect(told.filter((event) => 'state' in event && event.state === 'inactive')).toEqual([]);
      game.child.kill('SIGINT');
      expect(await game.ended).toBe(130);
      const report = await place.run(['report', '--json']);
      const { alerts, notObserved } = JSON.parse(report.stdout) as Scorecard;
      expect(['not_observed', 'ok']).toContain(alerts.expected[0]?.verdict);
      expect(notObserved.join(' ')).toContain('prometheus did not answer for a part of the game');
    } finally {
      await failing.close();
    }
    await place.healthy();
    expect(await place.differences()).toEqual([]);
  }, 200_000);

  it('ends the game when something beside its target is gone', async () => {
    const game = await place.playing('haymaker');
    const { stderr } = await place.join('kubectl -n batch scale deployment price-sync --replicas=0');
    expect(stderr).toBe('');
    const ended = await game.happened('it ends', ({ type }) => type === 'ended', 120_000);
    expect(ended).toMatchObject({ ending: 'aborted', why: expect.stringContaining('neighbour-gone') });
    await game.ended;
    await place.healthy();
    expect(await place.differences()).toEqual([]);
  }, 250_000);

  const canMount = isRoot && process.platform === 'linux';
  it.skipIf(!canMount)(
    'restores the cluster when the disk is full',
    async () => {
      const disk = join(place.home, 'games');
      mkdirSync(disk, { recursive: true });
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'none', disk], { stdio: 'pipe' });
      } catch {
        return void console.log('not shown: no file system can be mounted here');
      }
      try {
        const game = await place.playing('haymaker');
        try {
          writeFileSync(join(disk, 'ballast'), Buffer.alloc(16 * 1024 * 1024));
        } catch {
          // Now it is full.
        }
        expect(await game.ended).not.toBe(0);
        await place.healthy();
        expect(await place.differences()).toEqual([]);
      } finally {
        execFileSync('umount', ['-l', disk]);
      }
    },
    200_000,
  );

  it('ends the game when the sandbox dies, and recover says that it is gone', async () => {
    const game = await place.playing('haymaker');
    process.kill(place.sandbox().pid, 'SIGKILL');
    await game.happened('the game ends', ({ type }) => type === 'ended', 90_000);
    await until('the game is over', () => game.child.exitCode !== null, 200_000);
    expect([4, 5]).toContain(await game.ended);
    expect(game.said() + JSON.stringify(game.events)).toMatch(/the sandbox stopped/);
    const recovered = await place.run(['recover']);
    expect(recovered).toEqual({
      exitCode: 0,
      stdout: expect.stringMatching(/sandbox no longer exists/),
      stderr: '',
    });
  }, 300_000);
});

function whereIs(name: string): string {
  if (name === 'node') return process.execPath;
  const found = (process.env.PATH ?? '').split(':').map((folder) => join(folder, name));
  const file = found.find((one) => {
    try {
      execFileSync('test', ['-x', one]);
      return true;
    } catch {
      return false;
    }
  });
  return file ?? join(dirname('/bin/sh'), name);
}
