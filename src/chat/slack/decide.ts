import { actionIds, readButtonValue, type ButtonValue } from '../../lib/slack/button.ts';
import type { Posted } from '../../lib/slack/posted.ts';
import { answer, castFor, foreignTo, refuse, refused, type DecideOptions } from './cast.ts';
import { readClick, readTyped, type Click, type Typed } from './payloads.ts';
import { readPhrase } from './phrase.ts';
import { notCountedText, type NoVote } from './replies.ts';

/** Takes a click for what it is: everything it says is held against what we know ourselves. */
export async function decideByClick(
  options: DecideOptions,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const click = readClick(body);
  const value = click && readButtonValue(click.value);
  const vote = click && voteOf(click.actionId);
  if (!click || !value || !vote) {
    refused(options, 'malformed');
    return;
  }
  const self = await options.identity(signal);
  const foreign =
    foreignTo(self, click) ?? (click.channel === click.containerChannel ? undefined : 'other-channel');
  if (foreign) {
    refused(options, foreign);
    return;
  }
  const shown = await shownAt(options, click, value, signal);
  const what = value.update;
  if (shown.kind === 'none') return refuse(options, shown.reason, { what, from: click }, signal);
  await castFor(options, { posted: shown.posted, vote, what }, click, signal);
}

type Shown =
  { readonly kind: 'shown'; readonly posted: Posted } | { readonly kind: 'none'; readonly reason: NoVote };

/** The request that the button is in. A button says what its message shows, or it is none of ours. */
async function shownAt(
  { posted: requests }: DecideOptions,
  { channel, ts }: Click,
  { update, hash }: ButtonValue,
  signal: AbortSignal,
): Promise<Shown> {
  const posted = await requests.at(channel, ts, signal);
  if (posted?.update !== update) return { kind: 'none', reason: 'other-channel' };
  return posted.hash === hash ? { kind: 'shown', posted } : { kind: 'none', reason: 'other-request' };
}

function voteOf(actionId: string): 'approve' | 'reject' | undefined {
  if (actionId === actionIds.approve) return 'approve';
  return actionId === actionIds.reject ? 'reject' : undefined;
}

/** Takes a message: one that is no phrase of ours is nothing to us. */
export async function decideByPhrase(
  options: DecideOptions,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const typed = readTyped(body);
  if (!typed || !/\b(?:approve|reject)\b/.test(typed.text)) return;
  const self = await options.identity(signal);
  const phrase = readPhrase(typed.text, self.botUserId);
  if (!phrase) return;
  const foreign = foreignTo(self, typed);
  if (foreign) {
    refused(options, foreign);
    return;
  }
  const { namespace, name, vote } = phrase;
  const what = namespace === undefined ? name : `${namespace}/${name}`;
  const [posted, ...more] = await shownAs(options, { namespace, name }, typed, signal);
  if (!posted || more.length > 0)
    return refuse(options, posted ? 'ambiguous' : 'nothing-waits', { what, from: typed }, signal);
  await castFor(options, { posted, vote, what }, typed, signal);
}

/** The requests of this name that were to be seen in the channel when it was typed: only what was seen is approved. */
async function shownAs(
  { waiting, posted }: DecideOptions,
  { namespace, name }: { readonly namespace: string | undefined; readonly name: string },
  { channel, ts }: Typed,
  signal: AbortSignal,
): Promise<readonly Posted[]> {
  const named = (await waiting()).filter(
    ({ workload }) => workload.name === name && (namespace ?? workload.namespace) === workload.namespace,
  );
  const shown = await Promise.all(named.map((update) => posted.of(channel, update, signal)));
  return shown.filter((one) => one !== undefined).filter((one) => Number(one.ts) < Number(ts));
}

/** Tells whoever clicked or typed that something went wrong, if he is one of ours and meant us. */
export async function tellNotCounted(
  options: DecideOptions,
  body: unknown,
  signal: AbortSignal,
): Promise<void> {
  const typed = readTyped(body);
  const from = readClick(body) ?? typed;
  if (!from) return;
  const self = await options.identity(signal);
  if (foreignTo(self, from) || (typed && !readPhrase(typed.text, self.botUserId))) return;
  await answer(options, from, notCountedText, signal);
}
