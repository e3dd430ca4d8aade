import type { Config } from '../../config/load.ts';
import { AppError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import { createClientAddresses, type ClientAddresses } from '../client-address.ts';
import { clientCertificateWay, isSubject } from './client-certificate.ts';
import { createAuthentication, type Authentication } from './index.ts';
import { createOidcKeys, type OidcKeys } from './oidc-keys.ts';
import { oidcWay } from './oidc.ts';
import { createSnsCertificates } from './sns-certificates.ts';
import { snsWay } from './sns.ts';
import type { Way } from './way.ts';

export interface AuthenticationParts {
  readonly clock: Clock;
  /** Gets the body of a 2xx answer; rejects on any other. */
  get(url: string, signal: AbortSignal): Promise<string>;
  /** Names of all sources. */
  readonly sources: readonly string[];
}

/** Who may send, as it is configured. */
export interface ConfiguredAuthentication {
  readonly authentication: Authentication;
  readonly clients: ClientAddresses;
  /** Sources that take webhooks from anybody. */
  readonly open: readonly string[];
  /** Whether every account of the issuer is let in: Google gives anybody a token for any audience. */
  readonly anyAccount: boolean;
  /** Fetches what the first webhook would have to wait for. Rejects with `unavailable`. */
  warmUp(signal: AbortSignal): Promise<void>;
}

/**
 * Builds what decides whose webhooks are taken.
 *
 * @throws AppError `bad-config` when variables do not fit each other or the sources.
 */
export function authenticationFrom(config: Config, parts: AuthenticationParts): ConfiguredAuthentication {
  refuse(problemWith(config, parts.sources));
  const clients = createClientAddresses(config.trustedProxies ?? []);
  const { clock, get } = parts;
  const keys = createOidcKeys({ issuer: config.oidcIssuer, clock, get });
  const authentication = createAuthentication({
    secrets: { all: config.webhookToken ?? [], bySource: config.webhookTokens ?? new Map() },
    ways: [...oidc(config, clock, keys), ...sns(config, parts), ...certificate(config, clients)],
  });
  const isOn = config.oidcAudience !== undefined;
  return {
    ...{ authentication, clients },
    open: parts.sources.filter(authentication.isOpen),
    anyAccount: isOn && config.oidcEmail === undefined && config.oidcSubject === undefined,
    warmUp: (signal) => (isOn ? keys.fetch(signal) : Promise.resolve()),
  };
}

function oidc(
  { oidcIssuer: issuer, oidcAudience: audience, oidcEmail: email, oidcSubject: subject }: Config,
  clock: Clock,
  keys: OidcKeys,
): readonly Way[] {
  return audience === undefined ? [] : [oidcWay({ issuer, audience, email, subject, keys, clock })];
}

function sns({ snsTopics: topics }: Config, { clock, get }: AuthenticationParts): readonly Way[] {
  return topics ? [snsWay({ topics, certificates: createSnsCertificates({ clock, get }), clock })] : [];
}

function certificate(
  { clientCertHeader: header, clientCertSubject: subject }: Config,
  clients: ClientAddresses,
): readonly Way[] {
  return subject === undefined ? [] : [clientCertificateWay({ subject, header, clients })];
}

function refuse(problem: string | undefined): void {
  if (problem !== undefined) throw new AppError('bad-config', problem);
}

function problemWith(config: Config, sources: readonly string[]): string | undefined {
  const { webhookTokens, clientCertSubject: subject } = config;
  const unknown = [...(webhookTokens?.keys() ?? [])].findIndex((source) => !sources.includes(source));
  // Not even the name is shown: who mixes the two up would see a secret.
  if (unknown >= 0)
    return `UK_WEBHOOK_TOKENS=*** is not allowed: source ${unknown + 1} is unknown; allowed: ${sources.join(', ')}`;
  if (subject !== undefined && !isSubject(subject))
    return `UK_CLIENT_CERT_SUBJECT=${subject} is not allowed; allowed: a distinguished name or a common name`;
  return missingWith(config);
}

/** A variable that does nothing without another one is a door that somebody believes to be closed, or open. */
function missingWith(config: Config): string | undefined {
  const isSet = (key: keyof Config): boolean => config[key] !== undefined;
  const byProxy = isSet('trustedProxies') && isSet('clientCertSubject');
  const proven = isSet('clientCertHeader') || isSet('tlsClientCaFile');
  const problems: readonly (readonly [boolean, string])[] = [
    [
      (isSet('oidcEmail') || isSet('oidcSubject')) && !isSet('oidcAudience'),
      'UK_OIDC_EMAIL and UK_OIDC_SUBJECT mean nothing without UK_OIDC_AUDIENCE',
    ],
    [
      isSet('clientCertHeader') && !byProxy,
      'UK_CLIENT_CERT_HEADER means nothing without UK_TRUSTED_PROXIES and UK_CLIENT_CERT_SUBJECT',
    ],
    [
      isSet('clientCertSubject') && !proven,
      'UK_CLIENT_CERT_SUBJECT means nothing without UK_CLIENT_CERT_HEADER or UK_TLS_CLIENT_CA_FILE',
    ],
    [
      isSet('tlsClientCaFile') && !isSet('clientCertSubject'),
      'UK_TLS_CLIENT_CA_FILE means nothing without UK_CLIENT_CERT_SUBJECT',
    ],
  ];
  return problems.find(([isWrong]) => isWrong)?.[1];
}
