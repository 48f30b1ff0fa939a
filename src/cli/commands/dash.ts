import { exitCodes, MisfortuneError } from '../../errors.ts';
import { findSandbox } from '../../game/start/sandbox-link.ts';
import { stateHome } from '../../paths.ts';
import { dashboardLines } from '../../tui/dash/lines.ts';
import { type DashSource, listDashboards, readDashboard } from '../../tui/dash/read.ts';
import type { Theme } from '../../tui/draw/theme.ts';
import { table } from '../../words/width.ts';
import { interruptSignal, print } from '../output.ts';

/** Draws a dashboard in the terminal; in a recorded shell it is seen by the recorder. */
export async function dash(
  name: string | undefined,
  options: { minutes: string; var?: string[]; json?: boolean },
): Promise<void> {
  const source = sourceOf(process.env);
  const { signal, release } = interruptSignal();
  try {
    if (name === undefined) {
      const found = await listDashboards(source, signal);
      return print(found, options, () => table(found.map(({ uid, title }) => [uid, title])));
    }
    const drawn = await readDashboard(source, name, {
      seconds: minutesOf(options.minutes) * 60,
      now: Date.now(),
      variables: pairs(options.var ?? []),
      signal,
    });
    const plain = !process.stdout.isTTY || Boolean(process.env.NO_COLOR);
    print(drawn, options, () =>
      dashboardLines(drawn, process.stdout.columns || 100).map(({ text, tone }) =>
        plain || !tone ? text : `${codes[tone]}${text}\u001b[0m`,
      ),
    );
  } finally {
    release();
  }
}

const codes: Record<keyof Theme, string> = {
  good: '\u001b[32m',
  bad: '\u001b[31m',
  warn: '\u001b[33m',
  accent: '\u001b[36m',
  quiet: '\u001b[90m',
};

/** The recorder's addresses in a recorded shell; else the sandbox's own, which nobody watches. */
function sourceOf(env: NodeJS.ProcessEnv): DashSource {
  if (env.PROMETHEUS_URL && env.GRAFANA_URL)
    return { prometheus: env.PROMETHEUS_URL, grafana: env.GRAFANA_URL };
  const sandbox = findSandbox({ stateHome: stateHome() });
  if (sandbox) {
    process.stderr.write(
      'This shell is not recorded: the game does not see that you opened a dashboard (`misfortune join` opens a recorded shell).\n',
    );
    return sandbox;
  }
  throw new MisfortuneError(
    'no-dashboards',
    'Expected PROMETHEUS_URL and GRAFANA_URL, or a running sandbox.',
    {
      todo: '`misfortune join` opens a shell in which they are set.',
      exitCode: exitCodes.usage,
    },
  );
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (Number.isFinite(minutes) && minutes > 0 && minutes <= 1440) return minutes;
  throw new MisfortuneError('bad-minutes', `Expected minutes from 1 to 1440, got "${text}".`, {
    exitCode: exitCodes.usage,
  });
}

/** name=value pairs. @throws MisfortuneError `bad-pair` */
export function pairs(texts: string[]): Record<string, string> {
  return Object.fromEntries(
    texts.map((text) => {
      const at = text.indexOf('=');
      if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
      throw new MisfortuneError('bad-pair', `Expected name=value, got "${text}".`, {
        exitCode: exitCodes.usage,
      });
    }),
  );
}
