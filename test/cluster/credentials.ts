import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who may talk to the API server: all of them without limits, by static tokens. */
const users = {
  admin: 'admin',
  kwok: 'system:kwok',
  controllerManager: 'system:kube-controller-manager',
  scheduler: 'system:kube-scheduler',
} as const;

/** A user of the control plane. */
export type User = keyof typeof users;

/** The files and secrets that exist before the API server does. */
export interface Credentials {
  readonly tokens: Readonly<Record<User, string>>;
  readonly tokenFile: string;
  /** Private key that signs service account tokens. */
  readonly signingKeyFile: string;
  /** Public key that verifies them. */
  readonly verifyingKeyFile: string;
}

/** Makes tokens and the key pair of the service accounts in `dir`. */
export async function createCredentials(dir: string): Promise<Credentials> {
  const token = () => randomBytes(24).toString('hex');
  const tokens = { admin: token(), kwok: token(), controllerManager: token(), scheduler: token() };
  const lines = Object.entries(users).map(
    ([user, name]) => `${tokens[user as User]},${name},${name},system:masters`,
  );
  const keys = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const write = async (name: string, content: string) => {
    const file = join(dir, name);
    await writeFile(file, content, { mode: 0o600 });
    return file;
  };
  return {
    tokens,
    tokenFile: await write('tokens.csv', `${lines.join('\n')}\n`),
    signingKeyFile: await write('service-account.key', keys.privateKey),
    verifyingKeyFile: await write('service-account.pub', keys.publicKey),
  };
}

/** Writes a kubeconfig (as JSON, which is YAML too) and answers its path. */
export async function writeKubeconfig(
  file: string,
  cluster: { readonly server: string; readonly caPem: string; readonly token: string },
): Promise<string> {
  const name = 'updatekate-test';
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name,
        cluster: {
          server: cluster.server,
          'certificate-authority-data': Buffer.from(cluster.caPem).toString('base64'),
        },
      },
    ],
    users: [{ name, user: { token: cluster.token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
    'current-context': name,
  };
  await writeFile(file, JSON.stringify(config, undefined, 2), { mode: 0o600 });
  return file;
}
