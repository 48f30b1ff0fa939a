import { Box } from 'ink';
import type { ReactNode } from 'react';
import type { AlertEpisode } from '../../log/alert-episodes.ts';
import type { GameState } from '../../log/state.ts';
import { runbookOf } from '../../signal/annotations.ts';
import { clean } from '../../words/clean.ts';
import { cell, indented } from '../../words/width.ts';
import { AlertLine } from '../draw/alert-line.tsx';
import { gameTime } from '../draw/game-time.ts';
import { Line, type Size } from '../draw/layout.tsx';
import { List } from '../draw/list.tsx';
import type { Theme } from '../draw/theme.ts';
import { gameTitle } from '../draw/title.ts';
import { ack, back, backToo, down, help, leave, nothing, up } from '../input/keys.ts';
import type { Screen } from '../screen.ts';
import type { UiState } from '../state/ui-state.ts';

/** Every alert that was pending or fired, the newest last; what is known of the marked one stands below. */
export const alerts: Screen = {
  keys: [{ ...up, label: '↑↓ choose' }, down, ack, help, back, backToo],
  title: gameTitle,
  rows: (ui) => ui.state.alerts.length,
  enter: nothing,
  back: leave,
  render: Alerts,
};

function Alerts({ ui, body }: { ui: UiState; body: Size }): ReactNode {
  const { state, scroll } = ui;
  const { alerts: list } = state;
  const marked = list[scroll];
  if (!marked) return <Line tone="quiet">No alert was pending or firing yet.</Line>;
  const height = Math.min(list.length, Math.floor(body.rows / 2));
  return (
    <Box flexDirection="column">
      <AlertLine state={state} />
      <Line> </Line>
      <Line tone="quiet">{`  ${columns('state', 'alert', 'severity', 'since', 'over')}`}</Line>
      <List rows={list.map((alert, index) => rowOf(alert, index, state))} marked={scroll} height={height} />
      <Line> </Line>
      {detailsOf(marked)
        .flatMap(([name, text]) => indented(`${cell(name, 14)}${clean(text)}`, 2, 16, body.columns))
        .map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines of a text have no other identity
          <Line key={index}>{line}</Line>
        ))}
    </Box>
  );
}

const tones: Partial<Record<AlertEpisode['state'], keyof Theme>> = { firing: 'bad', pending: 'warn' };

function rowOf(alert: AlertEpisode, index: number, state: GameState) {
  const at = (time: number | undefined): string => (time === undefined ? '' : gameTime(state, time));
  const since = alert.background ? 'before' : at(alert.firingAt ?? alert.pendingAt);
  const text = columns(alert.state, alert.name, alert.labels.severity ?? '', since, at(alert.inactiveAt));
  const tone = tones[alert.state];
  return { key: `${alert.key} ${index}`, text, ...(tone && !alert.background ? { tone } : {}) };
}

function columns(state: string, name: string, severity: string, since: string, over: string): string {
  return `${cell(state, 9)} ${cell(clean(name), 34)} ${cell(clean(severity), 10)} ${cell(since, 8)} ${over}`;
}

/** What is known of an alert beyond its row; only what is there. */
function detailsOf({ labels, annotations, receivers, suppressed }: AlertEpisode): [string, string][] {
  const { silencedBy = [], inhibitedBy = [], mutedBy = [] } = suppressed ?? {};
  const mutes = [
    silencedBy.length > 0 ? 'a silence' : '',
    inhibitedBy.length > 0 ? 'another alert' : '',
    mutedBy.length > 0 ? `the time interval ${mutedBy.join(', ')}` : '',
  ];
  const details: [string, string | undefined][] = [
    ['summary', annotations.summary],
    ['description', annotations.description],
    ['runbook', runbookOf(annotations)],
    ['notified', receivers.join(', ')],
    ['muted by', mutes.filter(Boolean).join(', ')],
    [
      'labels',
      Object.entries(labels)
        .map(([name, value]) => `${name}="${value}"`)
        .join(' '),
    ],
  ];
  return details.flatMap(([name, text]) => (text ? [[name, text]] : []));
}
