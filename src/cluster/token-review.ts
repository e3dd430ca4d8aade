import { z } from 'zod';
import { AppError, hasCode, messageOf } from '../core/errors.ts';
import type { KubernetesUser, KubernetesUsers } from '../core/kubernetes-user.ts';
import type { Rest } from '../core/rest.ts';

const authentication = 'authentication.k8s.io/v1';
const authorization = 'authorization.k8s.io/v1';
const updates = { group: 'updatekate.dev', version: 'v1alpha1', resource: 'imageupdates' };
const hint =
  'the ServiceAccount of Updatekate needs the ClusterRole system:auth-delegator, which k8s/kubernetes-votes binds';

/** Nothing else is in a header; the API server takes a token of blanks for no token, which is a user too. */
const tokenForm = /^[\x21-\x7e]+$/;
const anonymous = 'system:anonymous';

const TokenReview = z.object({
  status: z.object({
    authenticated: z.boolean().default(false),
    user: z
      .object({
        username: z.string().default(''),
        uid: z.string().exactOptional(),
        groups: z.array(z.string()).nullish(),
        extra: z.record(z.string(), z.array(z.string())).exactOptional(),
      })
      .optional(),
  }),
});
const SubjectAccessReview = z.object({
  status: z.object({ allowed: z.boolean().default(false), denied: z.boolean().default(false) }),
});

/**
 * Kubernetes' users, asked of the API server with our own credentials. Every question is asked anew: a right or a
 * token that is taken away counts for nothing from then on.
 */
export function createKubernetesUsers(rest: Rest): KubernetesUsers {
  const review = async <T>(
    form: z.ZodType<T>,
    { api, kind, spec }: { readonly api: string; readonly kind: string; readonly spec: unknown },
    signal: AbortSignal,
  ): Promise<T> => {
    const path = `/apis/${api}/${kind.toLowerCase()}s`;
    const body = { apiVersion: api, kind, spec };
    const answer = form.safeParse(await rest.json({ method: 'POST', path, body }, signal).catch(cannotAsk));
    if (answer.success) return answer.data;
    throw new AppError('unavailable', `kubernetes: POST ${path}: the answer is no ${kind}`);
  };
  return {
    async whoHas(token, signal) {
      if (!tokenForm.test(token)) return undefined;
      const request = { api: authentication, kind: 'TokenReview', spec: { token } };
      return userIn(await review(TokenReview, request, signal));
    },
    async may({ username, uid, groups, extra }, verb, { name, namespace }, signal) {
      const spec = {
        ...{ user: username, groups, resourceAttributes: { ...updates, verb, name, namespace } },
        ...(uid === undefined ? {} : { uid }),
        ...(extra === undefined ? {} : { extra }),
      };
      const request = { api: authorization, kind: 'SubjectAccessReview', spec };
      const { status } = await review(SubjectAccessReview, request, signal);
      return status.allowed && !status.denied;
    },
  };
}

function userIn({ status }: z.infer<typeof TokenReview>): KubernetesUser | undefined {
  const { authenticated, user } = status;
  if (!authenticated || !user || user.username === '' || user.username === anonymous) return undefined;
  return { ...user, groups: user.groups ?? [] };
}

/** Whatever stands between us and the answer: nobody gets in for it, and it is no fault of who asks. */
function cannotAsk(cause: unknown): never {
  const why = hasCode(cause, 'forbidden') ? `: ${hint}` : '';
  throw new AppError('unavailable', `tokens of Kubernetes cannot be checked: ${messageOf(cause)}${why}`, {
    cause,
  });
}
