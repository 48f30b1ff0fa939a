import fc from 'fast-check';

/**
 * What properties draw by chance is drawn from MISFORTUNE_SEED, where it is set: the same again. CI takes it from the
 * commit, so that each commit is tried with other values, and one that failed fails again.
 */
fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(process.env.MISFORTUNE_SEED) });
