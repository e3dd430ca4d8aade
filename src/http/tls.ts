import type { ServerOptions } from 'node:https';
import type { Config } from '../config/load.ts';
import { AppError, messageOf } from '../core/errors.ts';

/** What the service needs to speak TLS itself. */
export type TlsOptions = Pick<ServerOptions, 'cert' | 'key' | 'ca' | 'requestCert' | 'rejectUnauthorized'>;

type TlsConfig = Pick<Config, 'tlsCertFile' | 'tlsKeyFile' | 'tlsClientCaFile'>;

/**
 * Reads the files of the TLS variables. A client certificate is asked for where there is an authority to check it by,
 * and never required: senders that have none come with a secret.
 *
 * @throws AppError `bad-config` when a file cannot be read, or one is missing.
 */
export function readTls(config: TlsConfig, readFile: (path: string) => string): TlsOptions | undefined {
  const { tlsCertFile, tlsKeyFile, tlsClientCaFile } = config;
  if (tlsCertFile === undefined && tlsKeyFile === undefined && tlsClientCaFile === undefined)
    return undefined;
  if (tlsCertFile === undefined || tlsKeyFile === undefined)
    throw new AppError('bad-config', 'TLS needs both UK_TLS_CERT_FILE and UK_TLS_KEY_FILE');
  const [cert, key] = [
    read('UK_TLS_CERT_FILE', tlsCertFile, readFile),
    read('UK_TLS_KEY_FILE', tlsKeyFile, readFile),
  ];
  if (tlsClientCaFile === undefined) return { cert, key };
  const ca = read('UK_TLS_CLIENT_CA_FILE', tlsClientCaFile, readFile);
  return { cert, key, ca, requestCert: true, rejectUnauthorized: false };
}

function read(name: string, path: string, readFile: (path: string) => string): string {
  try {
    return readFile(path);
  } catch (cause) {
    throw new AppError('bad-config', `${name}=${path} cannot be read: ${messageOf(cause)}`, { cause });
  }
}
