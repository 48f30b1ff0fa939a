import type { Commands } from '../command.ts';
import { Failure, NO_LIST, OK } from '../resp.ts';

/** https://redis.io/docs/latest/develop/using-commands/transactions/ */
export const transactions: Commands = {
  multi: {
    arity: 1,
    run({ from }) {
      if (from.queued) throw new Failure('ERR MULTI calls can not be nested');
      from.queued = [];
      return OK;
    },
  },
  discard: {
    arity: 1,
    run({ from }) {
      if (!from.queued) throw new Failure('ERR DISCARD without MULTI');
      from.forgetTransaction();
      return OK;
    },
  },
  exec: {
    arity: 1,
    run({ from, server }) {
      const { queued, spoilt, outdated } = from;
      if (!queued) throw new Failure('ERR EXEC without MULTI');
      from.forgetTransaction();
      if (spoilt) throw new Failure('EXECABORT Transaction discarded because of previous errors.');
      if (outdated) return NO_LIST;
      return queued.map((words) => server.runAtOnce(from, words));
    },
  },
  watch: {
    arity: -2,
    run({ from, db, args }) {
      if (from.queued) throw new Failure('ERR WATCH inside MULTI is not allowed');
      for (const key of args) from.watched.add(`${db.index} ${key}`);
      return OK;
    },
  },
  unwatch: {
    arity: 1,
    run({ from }) {
      from.watched.clear();
      from.outdated = false;
      return OK;
    },
  },
};
