import { Agent, request } from 'undici';
import type { Service } from './service.ts';

/** A registry: sends webhooks over one kept connection. */
export interface Pusher {
  /** Says that a tag was pushed, and returns how many updates the answer names. */
  push(repository: string, tag: string): Promise<number>;
  close(): Promise<void>;
}

export function createPusher({ url, webhookPath }: Service): Pusher {
  const dispatcher = new Agent({ connections: 1 });
  return {
    async push(repository, tag) {
      const { statusCode, body } = await request(`${url}${webhookPath}`, {
        dispatcher,
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: quayPush(repository, tag),
      });
      const answer = (await body.json()) as { readonly updates?: readonly string[] };
      if (statusCode !== 202) throw new Error(`a push was answered ${statusCode}: ${JSON.stringify(answer)}`);
      return answer.updates?.length ?? 0;
    },
    close: () => dispatcher.destroy(),
  };
}

/** The body of Quay's "Push to Repository", for `quay.io/<namespace>/<name>`. */
export function quayPush(repository: string, tag: string): string {
  const [, namespace = '', name = ''] = repository.split('/');
  return JSON.stringify({
    ...{ name, namespace, repository: `${namespace}/${name}`, docker_url: repository },
    homepage: `https://quay.io/repository/${namespace}/${name}`,
    updated_tags: [tag],
  });
}
