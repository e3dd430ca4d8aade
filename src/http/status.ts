import express, { type Express } from 'express';
import helmet from 'helmet';
import type { Log } from '../core/ports.ts';
import { errorHandler, notFound } from './errors.ts';

/** What every process answers about itself. */
export interface StatusOptions {
  /** What stands in the way of doing what it is there for; empty = ready. */
  readonly notReady: () => readonly string[];
  readonly metrics: { readonly contentType: string; render(): Promise<string> };
  readonly log: Log;
}

/** An application without any route. */
export function bareApp(): Express {
  const app = express();
  app.disable('x-powered-by');
  // Every answer would be hashed, and no caller asks for the same thing twice.
  app.disable('etag');
  return app.use(helmet());
}

/** Adds what every process answers, and the answers to everything else. */
export function finishApp(app: Express, { notReady, metrics, log }: StatusOptions): Express {
  app.get('/healthz', (_request, response) => {
    response.type('text').send('ok\n');
  });
  app.get('/readyz', (_request, response) => {
    const reasons = notReady();
    response.status(reasons.length === 0 ? 200 : 503).json({ ready: reasons.length === 0, reasons });
  });
  app.get('/metrics', async (_request, response) => {
    response.set('content-type', metrics.contentType).send(await metrics.render());
  });
  app.use(notFound);
  return app.use(errorHandler(log));
}
