import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { askTexts } from '../../src/cli/ask.ts';
import { newScenarioFiles } from '../../src/cli/commands/new-scenario.ts';
import { faultTypes } from '../../src/fault/types/registry.ts';
import { loadLibrary } from '../../src/game/library/library.ts';

let folder: string;
let config: string;
let printed: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'new-scenario-'));
  config = join(folder, 'misfortune.yaml');
  writeFileSync(
    config,
    'apiVersion: misfortune/v1\nkind: Config\nscenarios: [./scenarios]\nplaybooks: [./playbooks]\n',
  );
  printed = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((part) => {
    printed += String(part);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

const rest = { title: "It's {slow}: 1, 2 or 3 seconds", alert: 'CheckoutLatencyHigh' };

describe('scenario new', () => {
  it('writes a scenario of each fault type, and all of them lint', async () => {
    const types = Object.keys(faultTypes);
    const named = (type: string) => `broken-by-${type.toLowerCase()}`;
    for (const fault of types) await newScenarioFiles(named(fault), { ...rest, fault, config });
    const { problems, playable } = await loadLibrary({ config });
    expect(problems).toEqual([]);
    const written = playable.filter(({ scenario }) => scenario.title === rest.title);
    expect(written.map(({ scenario }) => scenario.name).sort()).toEqual(types.map(named).sort());
    // It reads all documents once for each type.
  }, 240_000);

  it('aims the fault at the object that is named, in its namespace', async () => {
    const target = 'deployment/payments/ledger';
    await newScenarioFiles('slow-ledger', { ...rest, target, config });
    const { playable } = await loadLibrary({ config });
    const written = playable.find(({ scenario }) => scenario.name === 'slow-ledger')?.scenario;
    expect(written).toMatchObject({
      stack: { namespaces: ['payments'] },
      faults: [{ type: 'workload', spec: { ref: target } }],
      diagnosis: { origin: target, mechanism: 'workload' },
    });
  });

  it('begins both files with the line by which editors find the schema, and says what to fill in', async () => {
    await newScenarioFiles('slow-quotes', { ...rest, config });
    for (const kind of ['scenario', 'playbook']) {
      const text = readFileSync(join(folder, `${kind}s`, 'slow-quotes.yaml'), 'utf8');
      const [, schema = ''] = /^# yaml-language-server: \$schema=(.*)$/.exec(text.split('\n')[0] ?? '') ?? [];
      expect(existsSync(join(folder, `${kind}s`, schema)) || existsSync(schema)).toBe(true);
      text.split('\n').forEach((line, index) => {
        if (line.includes('# TODO: '))
          expect(printed).toContain(`${index + 1}  ${line.split('# TODO: ')[1]}`);
      });
    }
    expect(printed.match(/ {2}\d+ {2}/g)?.length).toBeGreaterThan(10);
  });

  it('overwrites nothing, and takes no name that another has', async () => {
    mkdirSync(join(folder, 'playbooks'));
    writeFileSync(join(folder, 'playbooks', 'slow-quotes.yaml'), 'mine');
    const refused = { code: 'name-taken' };
    await expect(newScenarioFiles('slow-quotes', { ...rest, config })).rejects.toMatchObject(refused);
    expect(readFileSync(join(folder, 'playbooks', 'slow-quotes.yaml'), 'utf8')).toBe('mine');
    expect(existsSync(join(folder, 'scenarios'))).toBe(false);
    await expect(newScenarioFiles('haymaker', { ...rest, config })).rejects.toMatchObject(refused);
  });

  it.each([
    ['what-to-write', undefined, { title: 'Slow' }, /Expected a name, --alert\./],
    ['bad-answer', 'Slow Quotes', rest, /got "Slow Quotes"/],
    ['bad-answer', 'slow', { ...rest, fault: 'wrkload' }, /Did you mean "workload"/],
    ['bad-answer', 'slow', { ...rest, target: 'checkout' }, /got "checkout"/],
    ['unknown-param', 'slow', { ...rest, title: 'All of ${x}' }, /x/],
  ])('refuses with %s, and writes nothing', async (code, name, options, message) => {
    const error = await newScenarioFiles(name, { ...options, config }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(existsSync(join(folder, 'scenarios'))).toBe(false);
  });
});

describe('questions in a terminal', () => {
  const questions = [
    {
      key: 'name',
      text: 'Name',
      problem: (answer: string) => (answer === '' ? 'Expected a name.' : undefined),
    },
    { key: 'owner', text: 'Owner', fallback: 'checkout', problem: () => undefined },
  ];
  const ask = async (typed: string) => {
    const stdin = new PassThrough();
    const stdout = new PassThrough();
    stdin.end(typed);
    return { answers: await askTexts(questions, { stdin, stdout }), shown: String(stdout.read() ?? '') };
  };

  it('are asked again until they have an answer; ⏎ alone takes what is proposed', async () => {
    const { answers, shown } = await ask('\nslow\n\n');
    expect(answers).toEqual({ name: 'slow', owner: 'checkout' });
    expect(shown).toBe('Name: Expected a name.\nName: Owner [checkout]: ');
  });

  it('have no answer where the input ends before the last', async () => {
    expect((await ask('slow\n')).answers).toBeUndefined();
  });
});
