import { once } from 'node:events';
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Free TCP ports, all different, on the loopback interface, outside the range from which the system takes the local ports
 * of outgoing connections (32768 and up on Linux). A port given by `listen(0)` comes from that range, and
 * could be taken by any client while the API server is down between `kill` and `start`.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  for (let attempt = 0; attempt < 50 + count && ports.size < count; attempt++) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) ports.add(port);
  }
  if (ports.size < count) throw new Error('found no free port between 20000 and 32000 on 127.0.0.1');
  return [...ports];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening');
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EADDRINUSE') return false;
    throw error;
  } finally {
    server.close();
  }
}
