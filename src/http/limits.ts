import type { Limit } from './tally.ts';

/** Wrong tokens and links of one client address: a script gone wrong stays below it, guessing gets nowhere. */
export const failuresPerAddress: Limit = { most: 100, windowMs: 60_000, maxKeys: 10_000 };

/**
 * TokenReviews of the whole process. Whether a token is one of Kubernetes is only known after asking, so this is what
 * a flood from many addresses can cost the API server.
 */
export const tokenReviews: Limit = { most: 20, windowMs: 1000, maxKeys: 1 };
