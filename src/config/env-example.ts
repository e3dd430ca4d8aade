import { variables } from './environment.ts';
import type { Variable } from './variable.ts';

/**
 * The text of `.env.example`: every variable with what it is for, what it may be and its default. To write it:
 * `node -e "import('./src/config/env-example.ts').then((m) => process.stdout.write(m.renderEnvExample()))" > .env.example`
 */
export function renderEnvExample(): string {
  const all: readonly Variable<unknown>[] = Object.values(variables);
  return all.map(render).join('\n');
}

/** An empty value is an unset one, so the file may be used as it is. */
function render({ name, alias, doc, allowed, fallback = '', secret }: Variable<unknown>): string {
  const file = secret ? ` Or a file that holds it: ${name}_FILE.` : '';
  const old = alias === undefined ? '' : ` Its old name is read too: ${alias}.`;
  return `# ${doc}\n# Allowed: ${allowed}.${file}${old}\n${name}=${fallback}\n`;
}
