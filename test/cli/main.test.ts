import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { runCli } from '../support/cli-process.ts';

describe('updatekate', () => {
  test.each(['--help', '-h'])('%s lists the commands', async (flag) => {
    const { code, stdout, stderr } = await runCli([flag]);

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('usage: updatekate COMMAND');
    expect(stdout).toContain('replay NAME [--receiver RECEIVER] [--url URL]');
  });

  test('without a command is a wrong call', async () => {
    const { code, stdout, stderr } = await runCli([]);

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('usage: updatekate COMMAND');
  });

  test.each(['reply', 'constructor', '--replay'])(
    '%s is no command: those there are, are named',
    async (word) => {
      expect(await runCli([word])).toEqual({
        code: 2,
        stdout: '',
        stderr: `updatekate: there is no command ${word}; there are: explain, doctor, approvals, approve, reject, replay, notify\n`,
      });
    },
  );

  test('has every command whose file is there', async () => {
    const files = readdirSync('src/cli').filter((file) =>
      readFileSync(`src/cli/${file}`, 'utf8').includes(': Command = {'),
    );

    const { stdout } = await runCli(['--help']);

    const listed = [...stdout.matchAll(/^ {2}([a-z]+) /gm)].map(([, name = '']) => `${name}.ts`);
    expect(listed.sort()).toEqual(files.sort());
  });

  test('is a bin of the package, as kube-monitor is, and can be run', () => {
    const { bin } = JSON.parse(readFileSync('package.json', 'utf8')) as { bin: Record<string, string> };

    expect(bin).toEqual({ 'kube-monitor': 'dist/cli/kube-monitor.js', updatekate: 'dist/cli/main.js' });
    for (const built of Object.values(bin)) {
      const source = built.replace(/^dist/, 'src').replace(/js$/, 'ts');
      expect(readFileSync(source, 'utf8')).toMatch(/^#!\/usr\/bin\/env node\n/);
    }
  });
});
