import { Box, Text, useInput } from 'ink';
import { type ReactNode, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Controller } from './controller.ts';
import { footer, glyph, keys, type Screen as ScreenName } from './keys.ts';
import { cell, Line, Page, type Size, ThemeContext, useSize, useTheme } from './layout.tsx';
import { Briefing } from './screens/briefing.tsx';
import { Home } from './screens/home.tsx';
import { DashboardPage, Dashboards, Debriefing, Games, ReadPlaybook } from './screens/lists.tsx';
import { Live, phaseText } from './screens/live.tsx';
import { Starting } from './screens/starting.tsx';
import type { Store } from './store.ts';
import { clean, wrap } from './text.ts';
import { themeFor } from './theme.ts';
import type { UiState } from './ui-state.ts';

/** The whole interface: state in, one frame out. */
export function App(props: {
  store: Store;
  controller: Controller;
  env: NodeJS.ProcessEnv;
  onInterrupt: () => void;
}): ReactNode {
  const ui = useSyncExternalStore(props.store.subscribe, props.store.get);
  const theme = useMemo(() => themeFor(props.env), [props.env]);
  const size = useSize();
  useInput((input, press) => {
    if (press.ctrl && input === 'c') props.onInterrupt();
    else props.controller.press(input, press);
  });
  // Only a running game has something that moves by itself, on whatever screen it is looked at.
  const ticking = ui.screen === 'starting' || showsGame(ui.screen);
  useEffect(() => {
    if (!ticking) return undefined;
    const timer = setInterval(() => props.controller.tick(), 1000);
    return () => clearInterval(timer);
  }, [ticking, props.controller]);
  const { columns } = size;
  const drawnFor = useRef(columns);
  useEffect(() => {
    if (drawnFor.current !== columns) props.controller.resized();
    drawnFor.current = columns;
  }, [columns, props.controller]);
  return (
    <ThemeContext value={theme}>
      {size.columns < 60 || size.rows < 16 ? (
        <Text>The window is too small: 80×24 or more is needed, it is {`${size.columns}×${size.rows}`}.</Text>
      ) : (
        <Page size={size} head={<Head ui={ui} />} foot={<Foot ui={ui} size={size} />}>
          {ui.help ? <Help ui={ui} /> : <Screen ui={ui} size={size} />}
        </Page>
      )}
    </ThemeContext>
  );
}

/** Screens of a game that runs: its clock and its alert are on each. */
function showsGame(screen: ScreenName): boolean {
  return screen === 'live' || screen === 'dashboards' || screen === 'dashboard' || screen === 'playbook';
}

function Screen({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  switch (ui.screen) {
    case 'starting':
      return <Starting ui={ui} />;
    case 'home':
      return <Home ui={ui} size={size} />;
    case 'briefing':
      return <Briefing ui={ui} size={size} />;
    case 'live':
      return <Live ui={ui} size={size} />;
    case 'dashboards':
      return <Dashboards ui={ui} />;
    case 'dashboard':
      return <DashboardPage ui={ui} size={size} />;
    case 'playbook':
      return <ReadPlaybook ui={ui} size={size} />;
    case 'debrief':
      return <Debriefing ui={ui} size={size} />;
    case 'games':
      return <Games ui={ui} size={size} />;
  }
}

function Head({ ui }: { ui: UiState }): ReactNode {
  const theme = useTheme();
  const { state, screen, cluster } = ui;
  const title =
    screen === 'debrief'
      ? (ui.debrief?.heading ?? '')
      : screen === 'dashboard'
        ? (ui.dashboard?.title ?? '')
        : screen === 'live' || screen === 'briefing' || screen === 'dashboards' || screen === 'playbook'
          ? (state.game?.title ?? '')
          : 'WHEEL OF MISFORTUNE';
  const clusterText = cluster && screen !== 'debrief' ? `${cluster.name} · ${cluster.text}` : '';
  const right = showsGame(screen) ? phaseText(state, ui.now || state.at) : clusterText;
  return (
    <>
      <Text bold wrap="truncate-end">
        {clean(title)}
      </Text>
      <Text color={cluster && !cluster.healthy ? theme.bad : theme.quiet} wrap="truncate-end">
        {clean(right)}
      </Text>
    </>
  );
}

function Foot({ ui, size }: { ui: UiState; size: Size }): ReactNode {
  const { prompt, message } = ui;
  return (
    <Box flexDirection="column">
      {prompt ? (
        <>
          {prompt.options.map(({ name, about }, index) => (
            <Line
              key={name}
              tone={index === prompt.index ? 'accent' : undefined}
              bold={index === prompt.index}
            >
              {index === prompt.index ? '▶' : ' '} {about ? `${cell(clean(name), 10)} ${about}` : clean(name)}
            </Line>
          ))}
          {prompt.all && prompt.options.length === 0 ? <Line tone="warn"> nothing fits</Line> : null}
          <Line tone="accent">
            {prompt.question} {prompt.confirm ? '[y/n]' : `› ${prompt.text}▏`}
          </Line>
        </>
      ) : ui.screen === 'live' ? null : (
        wrap(message?.text ?? ' ', size.columns - 2).map((line) => (
          <Line key={line} tone={message?.tone}>
            {line || ' '}
          </Line>
        ))
      )}
      <Line tone="quiet">
        {prompt
          ? prompt.confirm
            ? 'y yes   n no   esc back'
            : '⏎ accept   ↑↓ choose   tab complete   esc back'
          : footer(ui.screen, size.columns)}
      </Line>
    </Box>
  );
}

function Help({ ui }: { ui: UiState }): ReactNode {
  return (
    <Box flexDirection="column" marginTop={1}>
      {keys[ui.screen].map((key) => (
        <Line key={key.key}>
          {cell(glyph(key.key), 8)} {key.help}
        </Line>
      ))}
      <Line>{cell('Ctrl-C', 8)} end the game, put everything back and leave</Line>
      <Line> </Line>
      <Line tone="quiet">Any key closes this page.</Line>
    </Box>
  );
}
