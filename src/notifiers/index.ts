import type { SinkModule } from '../lib/sink-module.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { event } from './event.ts';
import { github } from './github.ts';
import { googlechat } from './googlechat.ts';
import { mattermost } from './mattermost.ts';
import { msteams } from './msteams.ts';
import { pagerduty } from './pagerduty.ts';
import { slack } from './slack.ts';
import { telegram } from './telegram.ts';
import { webhook } from './webhook.ts';

/** Every kind of sink, by its key in the configuration file. One more is one more line. */
export const sinks: readonly SinkModule[] = [
  ...[discord, email, event, github, googlechat, mattermost, msteams, pagerduty, slack, telegram, webhook],
];
