import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../../src/paths.ts';

/** What docs/write-a-scenario.md asks its reader to do: a file to write or to change, or commands to run. */
export type TutorialStep = { section: string } & (
  | { run: string }
  | { file: string; text: string; replace: boolean }
);

/** The page's blocks in their order. Each yaml block stands under a sentence that begins with Write or In and names its file. */
export function tutorialSteps(page: string): TutorialStep[] {
  const steps: TutorialStep[] = [];
  let section = '';
  for (const part of page.split(/^(?=## )/m)) {
    section = /^## (.*)/.exec(part)?.[1] ?? section;
    for (const [, before = '', language, text = ''] of part.matchAll(
      /([^\n]*)\n\n```(\w+)\n([\s\S]*?)```/g,
    )) {
      if (language === 'sh') steps.push({ section, run: text });
      else {
        const [, verb, file] = /^(Write|In) `([^`]+)`/.exec(before) ?? [];
        if (!verb || !file) throw new Error(`no file is named above this block: ${text}`);
        steps.push({ section, file, text, replace: verb === 'In' });
      }
    }
  }
  return steps;
}

/** Replaces top-level keys of a YAML text by those of a block, each with the `# TODO` lines right above it. */
export function replaceKeys(text: string, block: string): string {
  const sections = sectionsOf(text);
  for (const { key, text: replacement } of sectionsOf(block)) {
    const found = sections.find((one) => one.key === key);
    if (!found) throw new Error(`there is no key ${key} to replace`);
    found.text = replacement;
  }
  return sections.map((one) => one.text).join('');
}

function sectionsOf(text: string): { key: string; text: string }[] {
  return text.split(/^(?=(?:# TODO.*\n)*[A-Za-z]\w*:)(?<!^# TODO.*\n)/m).map((part) => ({
    key: /^([A-Za-z]\w*):/m.exec(part)?.[1] ?? '',
    text: part,
  }));
}

/** Follows steps in a folder, as a reader would who has `npx misfortune`. Gives what the commands printed. */
export async function follow(
  steps: readonly TutorialStep[],
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<string> {
  const bin = join(folder, '.bin');
  mkdirSync(bin, { recursive: true });
  const launch = `#!/bin/sh\nshift\nexec "${process.execPath}" "${join(packageRoot, 'src/launch.mjs')}" "$@"\n`;
  writeFileSync(join(bin, 'npx'), launch, { mode: 0o755 });
  let printed = '';
  for (const step of steps) {
    if ('run' in step)
      printed += await shell(step.run, folder, { ...env, PATH: `${bin}${delimiter}${process.env.PATH}` });
    else {
      const file = join(folder, step.file);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, step.replace ? replaceKeys(readFileSync(file, 'utf8'), step.text) : step.text);
    }
  }
  return printed;
}

async function shell(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<string> {
  try {
    const { stdout, stderr } = await promisify(execFile)('sh', ['-ec', script], {
      cwd,
      env: { ...process.env, ...env },
      maxBuffer: 16 << 20,
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`the page's commands failed:\n${script}\n${stdout}${stderr}`, { cause: error });
  }
}
