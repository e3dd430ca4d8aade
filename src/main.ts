import { run } from './run.ts';

// Whoever wants `updatekate notify` must not get everything instead. What it was is not repeated: it may be a secret.
if (process.argv.length > 2) {
  const line = 'the service takes no arguments; orders go to updatekate …, or node dist/cli/main.js …';
  process.stderr.write(`updatekate: ${line}\n`);
  process.exitCode = 2;
} else await run(process.env, 'all');
