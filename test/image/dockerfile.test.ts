import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { variables } from '../../src/config/environment.ts';
import { container, podSpec } from '../k8s/workload.ts';

const dockerfile = readFileSync('Dockerfile', 'utf8').replaceAll('\\\n', ' ');
const stages = dockerfile.split(/^(?=FROM )/m);
const last = stages.at(-1) ?? '';

/** What the last stage says with this instruction. */
function said(instruction: string): readonly string[] {
  return [...last.matchAll(new RegExp(`^${instruction} +(.*)$`, 'gm'))].map(([, text = '']) => text);
}

/** What a container of it starts, word by word. */
function entrypoint(): unknown {
  const [words = ''] = said('ENTRYPOINT');
  return JSON.parse(words);
}

test('the image runs as the user, with the port and the folder that the manifests say', () => {
  const { runAsUser, runAsGroup } = podSpec.securityContext;

  expect(said('USER')).toEqual([`${String(runAsUser)}:${String(runAsGroup)}`]);
  expect(said('EXPOSE')).toEqual([variables.port.fallback]);
  expect(said('VOLUME')).toEqual([`["${container.volumeMounts[0]?.mountPath ?? ''}"]`]);
  expect(said('ENV').join(' ')).toContain(`UK_DATA_DIR=${container.volumeMounts[0]?.mountPath ?? ''} `);
});

test('the programs of the package are in the PATH, and can be run', () => {
  const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };
  const built = stages.find((stage) => /^FROM \S+ AS build$/m.test(stage)) ?? '';
  const links = [...built.matchAll(/\bln -s (\S+) bin\/(\S+)/g)].map(([, file, name]) => [name, file]);
  const [, executable = ''] = /\bchmod \+x ([^&\n]*)/.exec(built) ?? [];

  expect(Object.fromEntries(links)).toEqual(
    Object.fromEntries(Object.entries(bin).map(([name, file]) => [name, `/app/${file}`])),
  );
  expect(executable.trim().split(/\s+/).sort()).toEqual(Object.values(bin).sort());
  expect(said('COPY')).toContain('--from=build /app/bin/ /usr/local/bin/');
  expect(said('ENV').join(' ')).toMatch(/ PATH=(?:\S+:)?\/usr\/local\/bin:/);
  for (const file of Object.values(bin)) {
    const source = file.replace(/^dist\/(.*)\.js$/, 'src/$1.ts');
    expect(readFileSync(source, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
  }
});

test('the last stage needs no shell', () => {
  expect(said('RUN')).toEqual([]);
  expect(entrypoint()).toContain('dist/main.js');
});

test('npm start runs what the image runs', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: { start: string } };

  expect(scripts.start.split(' ')).toEqual(entrypoint());
});

test('nothing enters the build but what it copies', () => {
  const ignore = readFileSync('.dockerignore', 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
    names.split(' '),
  );

  expect(ignore[0]).toBe('*');
  expect(
    ignore
      .slice(1)
      .map((line) => line.slice(1))
      .sort(),
  ).toEqual([...new Set(copied)].sort());
});

test('the labels say the version and licence of the package', () => {
  const { version, license, description } = JSON.parse(readFileSync('package.json', 'utf8')) as Record<
    string,
    string
  >;

  expect(said('ARG')).toContain(`VERSION=${String(version)}`);
  expect(said('LABEL').join(' ')).toContain(`licenses="${String(license)}"`);
  expect(said('LABEL').join(' ')).toContain(`description="${String(description)}"`);
});
