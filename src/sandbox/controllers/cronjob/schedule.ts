import { nextTime, type Schedule } from '../../cron.ts';
import type { CronJob } from '../kinds.ts';
import { millis } from '../time.ts';

export interface DueTimes {
  /** The last time that has passed and was not acted on. */
  latest?: number;
  /** How many times have passed, `latest` included. */
  missed: number;
  /** The first time that is still to come. */
  next?: number;
}

/** Times (ms since epoch) since the last start, or since the CronJob exists, as far back as its deadline allows. */
export function dueTimes(schedule: Schedule, { spec, status, metadata }: CronJob, now: number): DueTimes {
  const zone = spec.timeZone ?? 'UTC';
  const since = millis(status.lastScheduleTime ?? metadata.creationTimestamp);
  const deadline = spec.startingDeadlineSeconds;
  const earliest = deadline === undefined ? since : Math.max(since, now - deadline * 1000);
  let latest: number | undefined;
  let missed = 0;
  let time = nextTime(schedule, earliest, zone);
  while (time !== undefined && time <= now) {
    latest = time;
    missed += 1;
    time = nextTime(schedule, time, zone);
  }
  return { latest, missed, next: time };
}
