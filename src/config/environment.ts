import { z } from 'zod';
import { canonicalRepository } from '../core/image-ref.ts';
import { legacyApprovalKey } from '../core/legacy-approval.ts';
import { policyModules, readPolicy } from '../core/policies/index.ts';
import type { Policy } from '../core/policy.ts';
import { approvalVariables } from './approval-variables.ts';
import { authenticationVariables } from './authentication-variables.ts';
import { receiverVariables } from './receiver-variables.ts';
import { slackVariables } from './slack-variables.ts';
import {
  annotationKey,
  durationMs,
  flag,
  httpUrl,
  integer,
  kubernetesLabel,
  kubernetesName,
  namespaceList,
  oneOf,
  optional,
  text,
  withDefault,
} from './variable.ts';
import { watchVariables } from './watch-variables.ts';

const repository = z.string().refine((name) => canonicalRepository(name) !== undefined);
const policy = z.string().transform((given, context): Policy => {
  const read = readPolicy(given);
  if (typeof read !== 'string') return read;
  context.addIssue({ code: 'custom', message: read });
  return z.NEVER;
});
const policies = policyModules.map(({ usage }) => usage).join(', ');

/** Every variable of the product, in the order of `.env.example`. */
export const variables = {
  namespace: withDefault('default', {
    name: 'UK_NAMESPACE',
    doc: 'Namespace that is watched, and that UK_DEPLOYMENT is in.',
    allowed: 'a namespace',
    schema: kubernetesLabel,
  }),
  namespaces: optional({
    name: 'UK_NAMESPACES',
    doc: 'Further namespaces whose annotated workloads are watched; * = all there are.',
    allowed: 'namespaces separated by commas, or *',
    schema: namespaceList,
  }),
  deployment: optional({
    name: 'UK_DEPLOYMENT',
    doc: 'The Deployment to update. Empty: only workloads annotated with updatekate.dev/policy are targets.',
    allowed: 'the name of a Deployment',
    schema: kubernetesName,
  }),
  repository: optional({
    name: 'UK_REPO',
    doc: 'The only repository accepted for it. Empty: the one its containers run.',
    allowed: 'host/namespace/name, or namespace/name on any host',
    schema: repository,
  }),
  container: optional({
    name: 'UK_CONTAINER',
    doc: 'The container to update. Empty: every one whose repository matches, init containers too.',
    allowed: 'the name of a container',
    schema: kubernetesLabel,
  }),
  policy: withDefault('semver', {
    name: 'UK_POLICY',
    doc: 'Which tags are taken.',
    allowed: policies,
    schema: policy,
  }),
  ...receiverVariables,
  ...authenticationVariables,
  configPath: optional({
    name: 'UK_CONFIG',
    doc: 'File with environments, groups, notifiers, clusters and what is watched (docs/configuration-file.md). Read once, at the start.',
    allowed: 'a YAML file',
    schema: text,
  }),
  approvalAnnotation: withDefault(legacyApprovalKey, {
    name: 'UK_APPROVAL_ANNOTATION',
    doc: 'Annotation with the approvers and the channel as YAML, as the first approval gate read it.',
    allowed: 'the key of an annotation',
    schema: annotationKey,
  }),
  ...approvalVariables,
  ...slackVariables,
  ...watchVariables,
  webhookRate: withDefault('1000', {
    name: 'UK_WEBHOOK_RATE',
    doc: 'Webhooks taken per second and sender address; 0 = no limit.',
    allowed: 'a number from 0 to 100000',
    schema: integer(0, 100_000),
  }),
  info: withDefault('true', {
    name: 'UK_INFO',
    doc: 'Whether /info is there.',
    allowed: 'true or false',
    schema: flag,
  }),
  adminToken: optional({
    name: 'UK_ADMIN_TOKEN',
    doc: 'Bearer token of /info and of every order (updatekate replay …). Empty: /info is open, orders are refused.',
    allowed: 'at least 16 characters',
    schema: z.string().min(16),
    secret: true,
  }),
  port: withDefault('8888', {
    name: 'UK_PORT',
    doc: 'Port of the HTTP server.',
    allowed: 'a port',
    schema: integer(0, 65_535),
  }),
  serviceUrl: optional({
    name: 'UK_URL',
    doc: 'Where the command line finds the service. Empty: on this machine, at UK_PORT.',
    allowed: 'an http or https URL',
    schema: httpUrl,
    url: true,
  }),
  rolloutTimeoutMs: withDefault('15m', {
    name: 'UK_ROLLOUT_TIMEOUT',
    doc: 'How long a rollout may take.',
    allowed: 'a duration such as 90s, 15m, 1h30m',
    schema: durationMs,
  }),
  rolloutPollMs: withDefault('20s', {
    name: 'UK_ROLLOUT_POLL',
    doc: 'Distance to the first poll; the n-th is n times as long, so 20s and 15m make ten tries. Changes wake it early.',
    allowed: 'a duration such as 5s, 20s',
    schema: durationMs,
  }),
  cluster: withDefault('auto', {
    name: 'UK_CLUSTER',
    doc: 'Where the cluster is; auto = in-cluster when run in a pod, else the current kubeconfig context.',
    allowed: 'auto, in-cluster, kubeconfig, embedded',
    schema: oneOf(['auto', 'in-cluster', 'kubeconfig', 'embedded']),
  }),
  kubeconfig: optional({
    name: 'UK_KUBECONFIG',
    alias: 'KUBE_CONFIG',
    doc: 'Kubeconfig file, instead of KUBECONFIG and the one in the home folder. With it, UK_CLUSTER=auto is kubeconfig.',
    allowed: 'a kubeconfig file',
    schema: text,
  }),
  embeddedManifests: optional({
    name: 'UK_EMBEDDED_MANIFESTS',
    doc: 'Workloads of the embedded cluster. Empty: a small sample shop.',
    allowed: 'a YAML or JSON file',
    schema: text,
  }),
  embeddedPort: withDefault('8889', {
    name: 'UK_EMBEDDED_PORT',
    doc: 'Port of its Kubernetes API.',
    allowed: 'a port',
    schema: integer(0, 65_535),
  }),
  embeddedPodReadyMs: withDefault('1s', {
    name: 'UK_EMBEDDED_POD_READY',
    doc: 'How long its pods take to become ready.',
    allowed: 'a duration such as 500ms, 1s',
    schema: durationMs,
  }),
  store: withDefault('auto', {
    name: 'UK_STORE',
    doc: 'Where updates are kept; auto = kubernetes when run in a pod, else sqlite. memory forgets them with the process.',
    allowed: 'auto, kubernetes, sqlite, memory',
    schema: oneOf(['auto', 'kubernetes', 'sqlite', 'memory']),
  }),
  dataFolder: withDefault('./data', {
    name: 'UK_DATA_DIR',
    doc: 'Folder of the SQLite files: the store, or the spool for when the API server is away.',
    allowed: 'a folder',
    schema: text,
  }),
  logLevel: withDefault('info', {
    name: 'UK_LOG_LEVEL',
    doc: 'Least important lines that are logged.',
    allowed: 'debug, info, warn, error',
    schema: oneOf(['debug', 'info', 'warn', 'error']),
  }),
} as const;
