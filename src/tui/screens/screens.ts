import type { Screen } from '../screen.ts';
import { alerts } from './alerts.tsx';
import { briefing } from './briefing.tsx';
import { dashboard } from './dashboard.tsx';
import { dashboards } from './dashboards.tsx';
import { debrief } from './debrief.tsx';
import { games } from './games.tsx';
import { home } from './home.tsx';
import { live } from './live/live.tsx';
import { log } from './log.tsx';
import { playbook } from './playbook.tsx';
import { starting } from './starting.tsx';

/** Every screen there is, each in a file or folder of its name. */
export const screens = {
  starting,
  home,
  briefing,
  live,
  alerts,
  log,
  dashboards,
  dashboard,
  playbook,
  debrief,
  games,
} satisfies Record<string, Screen>;
