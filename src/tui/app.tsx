import { Text, useInput } from 'ink';
import { type ReactNode, useEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { Controller } from './controller.ts';
import { bodyOf, Foot } from './draw/foot.tsx';
import { Help } from './draw/help.tsx';
import { Page, ThemeContext, useSize, useTheme } from './draw/layout.tsx';
import { themeFor } from './draw/theme.ts';
import type { Shown, Title } from './screen.ts';
import type { Store } from './state/store.ts';

/** The whole interface: state in, one frame out. */
export function App(props: {
  store: Store<Shown>;
  controller: Controller;
  env: NodeJS.ProcessEnv;
  onInterrupt: () => void;
}): ReactNode {
  const { store, controller } = props;
  const shown = useSyncExternalStore(store.subscribe, store.get);
  const theme = useMemo(() => themeFor(props.env), [props.env]);
  const size = useSize();
  useInput((input, press) => {
    if (press.ctrl && input === 'c') props.onInterrupt();
    else controller.press(input, press);
  });
  useEffect(() => {
    const timer = setInterval(() => controller.tick(), 1000);
    return () => clearInterval(timer);
  }, [controller]);
  const { columns } = size;
  const drawnFor = useRef(columns);
  useEffect(() => {
    if (drawnFor.current !== columns) controller.resized();
    drawnFor.current = columns;
  }, [columns, controller]);
  const { screen } = shown;
  return (
    <ThemeContext value={theme}>
      {size.columns < 60 || size.rows < 16 ? (
        <Text>{`The window is too small: ${size.columns}×${size.rows}. It needs at least 60×16; 80×24 shows everything.`}</Text>
      ) : (
        <Page
          size={size}
          head={<Head title={screen.title(shown)} />}
          foot={<Foot shown={shown} size={size} />}
        >
          {shown.help ? <Help screen={screen} /> : <screen.render ui={shown} body={bodyOf(shown, size)} />}
        </Page>
      )}
    </ThemeContext>
  );
}

function Head({ title: { left, right, tone } }: { title: Title }): ReactNode {
  const theme = useTheme();
  return (
    <>
      <Text bold wrap="truncate-end">
        {left}
      </Text>
      <Text color={tone && theme[tone]} wrap="truncate-end">
        {right}
      </Text>
    </>
  );
}
