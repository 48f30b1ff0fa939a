import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { connect } from '../../cluster/connection/connect.ts';
import { describeError, exitCodes, MisfortuneError } from '../../errors.ts';
import { faultType, faultTypes } from '../../fault/types/registry.ts';
import { connectConductor } from '../../game/api/client.ts';
import { requireGameAddress } from '../../game/api/current.ts';
import { loadLibrary } from '../../game/library/library.ts';
import { lintLive } from '../../game/library/lint-live.ts';
import type { OpenedPlaybook } from '../../game/open-playbook.ts';
import { findSandbox } from '../../game/start/sandbox-link.ts';
import { stateHome } from '../../paths.ts';
import { bindPlaybook, leaveOpen } from '../../playbook/bind.ts';
import { lintSteps } from '../../playbook/lint-steps.ts';
import { findPlaybook } from '../../scenario/library.ts';
import { connectMonitoring } from '../../signal/monitoring.ts';
import { playbookLines } from '../../tui/playbook-lines.ts';
import { clean } from '../../words/clean.ts';
import { table } from '../../words/width.ts';
import { print } from '../output.ts';
import { pairs } from './dash.ts';

export async function listScenarios(options: { names?: boolean; json?: boolean }): Promise<void> {
  const { playable, leftOut, problems } = await loadLibrary();
  const shown = playable.map(({ scenario: { name, title, difficulty, tags, owner } }) => ({
    ...(options.names || options.json ? { name } : {}),
    title,
    difficulty,
    tags: options.names || options.json ? tags : [],
    owner,
  }));
  print(shown, options, () =>
    table(
      shown.map((one) => [
        ...(one.name ? [one.name] : []),
        clean(one.title),
        '●'.repeat(one.difficulty),
        one.owner,
        one.tags.join(','),
      ]),
    ),
  );
  for (const problem of [...leftOut.map(({ why }) => why), ...problems])
    process.stderr.write(`${describeError(problem)}\n`);
}

/** Checks every document (or the named files); against the sandbox too, if one runs. */
export async function lintFiles(files: string[], options: { json?: boolean }): Promise<void> {
  const loaded = await loadLibrary();
  const wanted = files.map((file) => resolve(file));
  const documents = [...loaded.library.scenarios, ...loaded.library.playbooks].map(
    ({ document }) => document.file,
  );
  const strange = wanted.filter(
    (file) => !documents.includes(file) && !loaded.problems.some((problem) => problem.place?.file === file),
  );
  if (strange.length > 0) {
    throw new MisfortuneError(
      'not-in-library',
      `Expected files of the scenarios and playbooks folders, got ${strange.join(', ')}.`,
      {
        todo: 'Name their folders under scenarios and playbooks in misfortune.yaml.',
        exitCode: exitCodes.usage,
      },
    );
  }
  const sandbox = findSandbox({ stateHome: stateHome() });
  const problems = [
    ...loaded.problems,
    ...loaded.library.playbooks.flatMap(lintSteps),
    ...(sandbox ? await lintInSandbox(loaded, sandbox) : []),
  ].filter((problem) => wanted.length === 0 || wanted.includes(problem.place?.file ?? ''));
  print(
    problems.map(({ code, message, todo, place }) => ({ code, message, todo, ...place })),
    options,
    () =>
      problems.length > 0
        ? problems.map(describeError)
        : [
            `${wanted.length || documents.length} documents are fine.${sandbox ? '' : ' Alerts, panels and objects were not looked up: no sandbox runs.'}`,
          ],
  );
  if (problems.length > 0) process.exitCode = exitCodes.failed;
}

/** What the sandbox that runs says of scenarios and playbooks. */
export async function lintInSandbox(
  loaded: Awaited<ReturnType<typeof loadLibrary>>,
  sandbox: NonNullable<ReturnType<typeof findSandbox>>,
): Promise<MisfortuneError[]> {
  const { context } = sandbox;
  const cluster = await connect({ kubeconfig: sandbox.kubeconfig, context });
  const responder = await connect({ kubeconfig: sandbox.responderKubeconfig, context });
  try {
    const { prometheus, alertmanager, grafana } = sandbox;
    return await lintLive(loaded, {
      cluster,
      responder,
      sandbox: true,
      monitoring: connectMonitoring({
        prometheus: { url: prometheus },
        alertmanager: { url: alertmanager },
        grafana: { url: grafana },
      }),
    });
  } finally {
    cluster.close();
    responder.close();
  }
}

export async function faults(type: string | undefined, options: { json?: boolean }): Promise<void> {
  if (type === undefined) {
    const all = Object.values(faultTypes).map(({ type: name, about }) => ({ name, about }));
    return print(all, options, () => table(all.map(({ name, about }) => [name, about])));
  }
  const { about, mechanism, example } = faultType(type);
  print({ type, about, mechanism, example }, options, () => [
    about,
    '',
    stringify({ faults: [{ id: 'example', ...example }] }).trimEnd(),
  ]);
}

export async function listPlaybooks(options: { json?: boolean }): Promise<void> {
  const { library, problems } = await loadLibrary();
  const shown = library.playbooks.flatMap(({ playbook }) =>
    playbook ? [{ name: playbook.name, title: playbook.title, answers: playbook.answers }] : [],
  );
  print(shown, options, () =>
    table(shown.map(({ name, title, answers }) => [name, clean(title), answers.join(', ')])),
  );
  for (const problem of problems) process.stderr.write(`${describeError(problem)}\n`);
}

const noneInGame: ReadonlySet<string> = new Set(['no-game', 'conductor-gone', 'no-playbook']);

/** In a game the playbook that a firing alert leads to comes with its roles bound, and its reading is recorded. */
async function openedInGame(name: string, who: string): Promise<OpenedPlaybook | undefined> {
  try {
    return await connectConductor(requireGameAddress(stateHome()), 'responder').playbook(name, who);
  } catch (error) {
    if (error instanceof MisfortuneError && noneInGame.has(error.code)) return undefined;
    throw error;
  }
}

export async function showPlaybook(
  name: string,
  options: { with?: string[]; as: string; json?: boolean },
): Promise<void> {
  const inGame = options.with ? undefined : await openedInGame(name, options.as);
  if (inGame)
    return print(inGame, options, () =>
      playbookLines(inGame, process.stdout.columns || 100).map(({ text }) => text),
    );
  const { library } = await loadLibrary();
  const { playbook } = findPlaybook(library, name);
  if (!playbook) return;
  const bound = options.with ? bindPlaybook(playbook, pairs(options.with)) : playbook;
  const shown = options.with ? bound : leaveOpen(bound, Object.keys(bound.roles));
  print(bound, options, () => [
    shown.title,
    shown.answers.length > 0 ? `answers ${shown.answers.join(', ')}` : '',
    ...[shown.meaning ?? [], shown.impact ?? []].flat().flatMap((text) => ['', text]),
    ...shown.steps.flatMap((step, index) => [
      '',
      `${index + 1}. ${step.id} (${step.phase}${step.optional ? ', optional' : ''}${step.after.length > 0 ? `, after ${step.after.join(', ')}` : ''})`,
      ...(step.say ? [`   ${step.say.trim()}`] : []),
      ...(step.run ?? []).map((line) => `   $ ${line}`),
      ...(step.anyOf ? ['   one of:'] : []),
      ...(step.anyOf ?? []).flatMap((branch) => [
        `   - ${branch.id}: ${branch.say?.trim() ?? ''}`.trimEnd().replace(/:$/, ''),
        ...(branch.run ?? []).map((line) => `      $ ${line}`),
      ]),
    ]),
  ]);
}
