import { Box, Text } from 'ink';
import type { ReactNode } from 'react';
import { type AlertEpisode, alertToAnswer } from '../../log/alert-episodes.ts';
import type { GameState } from '../../log/state.ts';
import { runbookOf } from '../../signal/annotations.ts';
import { clean } from '../../words/clean.ts';
import { unmetText } from '../unmet.ts';
import { Line, useTheme } from './layout.tsx';

/** The alert that wants an answer, or what there is instead: on every screen of a game. */
export function AlertLine({ state }: { state: GameState }): ReactNode {
  const theme = useTheme();
  if (state.phase === 'baseline' && state.unmet.length > 0) {
    return <Line tone="warn">{`◌ not ready: ${clean(unmetText(state))}`}</Line>;
  }
  const open = state.alerts.filter((one) => one.state === 'firing' && !one.background);
  const alert = alertToAnswer(state.alerts);
  if (!alert && state.failing.includes('prometheus')) {
    return <Line tone="warn">◌ Prometheus does not answer; it is not known whether an alert fires</Line>;
  }
  if (!alert) {
    const pending = state.alerts.some((one) => one.state === 'pending' && !one.background);
    return <Line tone="quiet">○ no alert is firing{pending ? ' (one is pending)' : ''}</Line>;
  }
  const acknowledged = alert.acknowledgedAt !== undefined;
  const runbook = runbookOf(alert.annotations);
  const words = [`● ${alert.name}`, alert.labels.severity ?? '', owner(alert), runbook ? `→ ${runbook}` : ''];
  const more = open.length > 1 ? `+${open.length - 1}  ` : '';
  return (
    <Box height={1} flexShrink={0} justifyContent="space-between">
      <Text wrap="truncate-end" bold color={acknowledged ? theme.warn : theme.bad}>
        {clean(words.filter(Boolean).join('  '))}
      </Text>
      <Box flexShrink={0}>
        <Line
          tone={acknowledged ? 'quiet' : 'bad'}
        >{`  ${more}${acknowledged ? 'acknowledged' : '[a]ck'}`}</Line>
      </Box>
    </Box>
  );
}

function owner(alert: AlertEpisode): string {
  const name = alert.labels.owner ?? alert.receivers[0];
  return name ? `team ${name}` : '';
}
