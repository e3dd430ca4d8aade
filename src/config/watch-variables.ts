import { z } from 'zod';
import { channelName, postingToken } from '../lib/slack/token.ts';
import { httpUrl, kubernetesLabel, namespaceList, optional, parsed, withDefault } from './variable.ts';

/** What stands for every namespace there is. */
const watchedList = namespaceList.transform((names): readonly string[] | 'all' =>
  names.length === 0 ? 'all' : names,
);

/** A folder on a web server: files are below it. */
const folderUrl = httpUrl.refine((given) => {
  const url = URL.parse(given);
  return url !== null && `${url.username}${url.password}` === '' && !/[?#]/.test(given);
});

/** Everything behind the first colon is the password, as in Basic authentication. */
const login = parsed((given): Readonly<Record<'user' | 'password', string>> | undefined => {
  const [, user, password] = /^([^:\p{C}]+):(\P{C}+)$/u.exec(given) ?? [];
  return user === undefined || password === undefined ? undefined : { user, password };
});

/** Whose changes are told, and where; the aliases are what the first system that did this called them. */
export const watchVariables = {
  watchNamespaces: optional({
    name: 'UK_WATCH_NAMESPACES',
    alias: 'NAMESPACES',
    doc: 'Namespaces in which every change is told, whoever makes it (docs/watching.md); * = all there are. Empty: none.',
    allowed: 'namespaces separated by spaces or commas, or *',
    schema: watchedList,
  }),
  notifySlackToken: optional({
    name: 'UK_NOTIFY_SLACK_TOKEN',
    alias: 'SLACK_TOKEN',
    doc: 'Token that posts in UK_NOTIFY_SLACK_CHANNEL. Empty: UK_SLACK_BOT_TOKEN.',
    allowed: 'a token that starts with xoxb- or xoxp-',
    schema: z.string().regex(postingToken),
    secret: true,
  }),
  notifySlackChannel: optional({
    name: 'UK_NOTIFY_SLACK_CHANNEL',
    alias: 'SLACK_CHANNEL',
    doc: 'Where everything is told: a notifier of the name slack, as if UK_CONFIG had it (docs/notifiers.md).',
    allowed: 'the name or the id of a channel',
    schema: z.string().regex(channelName),
  }),
  artifactoryUrl: optional({
    name: 'UK_ARTIFACTORY_URL',
    alias: 'ARTIFACTORY_URL',
    doc: 'Folder of an Artifactory where what was seen of the namespaces is kept. Empty: it is kept where updates are.',
    allowed: 'an http or https URL without a login, ? and #; needs UK_ARTIFACTORY_LOGIN',
    schema: folderUrl,
    url: true,
  }),
  artifactoryLogin: optional({
    name: 'UK_ARTIFACTORY_LOGIN',
    alias: 'ARTIFACTORY_LOGIN',
    doc: 'Who reads and writes there.',
    allowed: 'user:password',
    schema: login,
    secret: true,
  }),
  ownNamespace: withDefault('default-namespace', {
    name: 'UK_OWN_NAMESPACE',
    alias: 'OWN_NAMESPACE',
    doc: 'Part of the names under which it is kept: each of several installations needs its own.',
    allowed: 'a namespace',
    schema: kubernetesLabel,
  }),
} as const;
