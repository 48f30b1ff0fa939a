import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { Declaration } from '../../../game/api/protocol.ts';
import { alertToAnswer } from '../../../log/alert-episodes.ts';
import type { GameState } from '../../../log/state.ts';
import { runbookOf } from '../../../signal/annotations.ts';
import { clean } from '../../../words/clean.ts';
import { wrap } from '../../../words/width.ts';
import { AlertLine } from '../../draw/alert-line.tsx';
import { Line, type Size } from '../../draw/layout.tsx';
import { openPage } from '../../draw/page.tsx';
import { gameTitle } from '../../draw/title.ts';
import { ack, character, help, nothing, spare } from '../../input/keys.ts';
import { type Controls, type Outcome, type Screen, who } from '../../screen.ts';
import type { UiState } from '../../state/ui-state.ts';
import { alerts } from '../alerts.tsx';
import { dashboards } from '../dashboards.tsx';
import { log } from '../log.tsx';
import { playbook } from '../playbook.tsx';
import { Actions, Opened } from './done.tsx';
import { MasterView, toggleMaster } from './master.tsx';
import { SignalLine } from './signal-line.tsx';

/** The page, the signals, what was done. Nothing here gives the fault away; the game master's part is apart. */
export const live: Screen = {
  keys: [
    ack,
    character('t', 'shell', 'open a recorded shell with kubectl here; leave it with exit', openShell),
    character('d', 'panels', 'list and open dashboards', (controls) => controls.show(dashboards)),
    spare('l', 'alerts', 'list the alerts of this game', (controls) => controls.show(alerts)),
    character('p', 'playbook', 'read the playbook that the alert links to', readPlaybook),
    spare('n', 'note', 'write a note (support informed, a thought, a finding)', ({ prompt, session }) =>
      prompt.ask('Note', (text) => (text ? session.declare({ type: 'note', who, text }) : undefined)),
    ),
    character('g', 'cause', 'name the suspected root cause and the type of failure', diagnose),
    spare('h', 'hint', 'take the next hint', declare({ type: 'hint', who })),
    character(
      'r',
      'resolved',
      'claim that it is resolved (a wrong claim costs nothing)',
      declare({ type: 'resolve', who }),
    ),
    character('q', 'abort', 'end the game now and restore the cluster', (controls) => controls.back()),
    character('escape', '', 'the same as q', (controls) => controls.back()),
    character('e', '', 'read the events of this game so far', (controls) => controls.show(log)),
    character('m', '', "switch the game master's view on or off (it shows what was broken)", toggleMaster),
    character('u', '', 'as game master: send the responder a message', ({ prompt, session }) =>
      prompt.ask('Message to the responder', (text) =>
        text ? session.declare({ type: 'nudge', text }) : undefined,
      ),
    ),
    help,
  ],
  title: gameTitle,
  rows: () => 0,
  enter: nothing,
  back: ({ prompt, session }) =>
    prompt.confirm('End the game now and restore the cluster?', () =>
      session.declare({ type: 'abort', who }),
    ),
  render: Live,
  showsMessages: true,
};

function declare(declaration: Declaration): (controls: Controls) => Outcome {
  return ({ session }) => session.declare(declaration);
}

function openShell({ owner, session: { game } }: Controls): Outcome {
  return game && owner.lend(() => game.shell());
}

/** Where it comes from, then what kind of failure it is; either may be left open. */
function diagnose(controls: Controls): void {
  const { prompt, session } = controls;
  prompt.ask(
    'Suspected root cause (type to search; empty: unknown)',
    (origin) =>
      prompt.choose('Type of failure (type to search)', controls.ui().info?.mechanisms ?? [], (mechanism) =>
        session.declare({
          type: 'diagnose',
          who,
          ...(origin ? { origin } : {}),
          ...(mechanism ? { mechanism } : {}),
        }),
      ),
    (prefix) => session.game?.origins(prefix) ?? Promise.resolve([]),
  );
}

function readPlaybook(controls: Controls): Outcome {
  const alert = alertToAnswer(controls.ui().state.alerts);
  const name = alert && runbookOf(alert.annotations);
  if (!name)
    return controls.say(
      alert ? `${alert.name} has no runbook annotation.` : 'No firing alert links to a playbook.',
      'warn',
    );
  const { game } = controls.session;
  return game && openPage(controls, playbook, name, (width) => game.readPlaybook(name, width));
}

function Live({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const { state } = ui;
  const master = ui.master ? Math.min(14, Math.floor(body.rows / 2)) : 0;
  const signals = state.game?.signals ?? [];
  // An answer, a hint or a refused claim stands below the alert, where people look; a prompt has the foot for itself.
  const { text, tone } = ui.message ?? afterRestore(state) ?? { text: ' ' };
  const said = wrap(ui.prompt ? ' ' : text, body.columns).slice(0, 3);
  const left = Math.max(3, body.rows - 3 - said.length - signals.length - master);
  return (
    <Box flexDirection="column" flexGrow={1}>
      <AlertLine state={state} />
      {said.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other identity
        <Line key={index} tone={tone} bold={ui.message !== undefined}>
          {line || ' '}
        </Line>
      ))}
      {signals.map((signal) => (
        <SignalLine key={signal.id} state={state} signal={signal} columns={body.columns} />
      ))}
      <Line> </Line>
      <Box height={left} flexShrink={0}>
        <Actions state={state} rows={left} columns={body.columns} />
        <Opened state={state} rows={left} />
      </Box>
      {master > 0 ? <MasterView ui={ui} rows={master} columns={body.columns} /> : null}
    </Box>
  );
}

/** What the restore has left to others, or put back without seeing it ready. Of a game that was not played it stays a secret. */
function afterRestore({ restored, phases }: GameState): { text: string; tone: 'warn' } | undefined {
  if (!restored?.left || !phases.some(({ phase }) => phase === 'respond')) return undefined;
  return { text: clean(restored.left.join('; ')), tone: 'warn' };
}
