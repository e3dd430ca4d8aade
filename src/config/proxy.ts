import { AppError } from '../core/errors.ts';
import { allowedProxy, createProxies, readProxyUrl, type Proxies } from '../lib/proxy.ts';
import type { Environment } from './given.ts';
import { requireNodeForProxy } from './node-version.ts';

/** What the variables say that all programs read, and how it may be shown. */
export interface GivenProxies {
  /** Undefined = there are none. */
  readonly proxies: Proxies | undefined;
  /** Variable → text as set, logins masked; of those that are set. */
  readonly shown: Readonly<Record<string, string>>;
}

/**
 * Reads `https_proxy`, `http_proxy` and `no_proxy`, or the same in capitals: small letters go before.
 *
 * @param version of Node, as in `process.versions.node`.
 * @throws AppError `bad-config` naming the variable, its value without the login, and what is allowed; or the version,
 * when it knows no proxies and there is one.
 */
export function readProxies(environment: Environment, version = process.versions.node): GivenProxies {
  const [https, http, exempt] = ['https_proxy', 'http_proxy', 'no_proxy'].map((name) =>
    givenAs(name, environment),
  );
  const given = [https, http, exempt].filter((one) => one !== undefined);
  const named = https ?? http;
  if (named) requireNodeForProxy(named.name, version);
  const settings = { https: urlOf(https), http: urlOf(http), exempt: exempt?.text ?? '' };
  return {
    proxies: named ? createProxies(settings) : undefined,
    shown: Object.fromEntries(given.map(({ name, text }) => [name, masked(text)])),
  };
}

/**
 * Whether there is a proxy for `http://` and none for `https://`: the deployment notifier gave that one to Slack as well,
 * other programs do not. Not where nothing goes through it anyway.
 */
export function isForHttpOnly({ of }: Proxies): boolean {
  const somewhere = 'somewhere.invalid';
  return of(`http://${somewhere}`) !== undefined && of(`https://${somewhere}`) === undefined;
}

interface Given {
  readonly name: string;
  readonly text: string;
}

/** An empty variable is an unset one. */
function givenAs(name: string, environment: Environment): Given | undefined {
  return [name, name.toUpperCase()]
    .map((one) => ({ name: one, text: environment[one]?.trim() ?? '' }))
    .find(({ text }) => text !== '');
}

function urlOf(given: Given | undefined): string | undefined {
  if (!given) return undefined;
  const url = readProxyUrl(given.text);
  if (url !== undefined) return url;
  const { name, text } = given;
  throw new AppError(
    'bad-config',
    `${name}=${unread(text)} is not allowed; allowed: ${allowedProxy}, special characters of the login as %XX`,
  );
}

function masked(text: string): string {
  return text.replace(/^(\w+:\/\/)?.*@/is, '$1***@');
}

/** In a text that is no URL, nobody knows where a password is. */
function unread(text: string): string {
  return text.replace(/^([a-z]\w*:\/\/)?.*$/is, '$1***');
}
