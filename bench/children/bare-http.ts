import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

/** What node:http alone can do: reads a JSON body and answers what the service answers an untracked push. */
const server = createServer((request, response) => {
  void json(request).then((body) => {
    const { docker_url: repository, updated_tags: tags } = body as {
      docker_url: string;
      updated_tags: string[];
    };
    const answer = {
      pushes: tags.map((tag) => ({ repository, tag, digest: null })),
      decisions: [],
      updates: [],
    };
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  });
});
server.listen(0, '127.0.0.1', () =>
  process.send?.({ port: (server.address() as AddressInfo).port, pid: process.pid }),
);
process.on('disconnect', () => process.exit(0));
