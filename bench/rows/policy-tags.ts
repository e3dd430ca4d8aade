/**
 * Tags as the largest official image on Docker Hub has them: early-access builds, releases with three and two numbers,
 * each in every variant of every distribution. In byte order, which is how registries list tags.
 */
export function manyTags(count: number): readonly string[] {
  const tags = [...releases()].flatMap((release) => variants().map((variant) => `${release}${variant}`));
  if (tags.length < count) throw new Error(`there are ${tags.length} tags only`);
  // Every n-th, so that all releases and all variants are among them.
  const step = tags.length / count;
  return Array.from({ length: count }, (_, i) => tags[Math.floor(i * step)] ?? '').sort();
}

function* releases(): Generator<string> {
  for (let major = 10; major <= 28; major++) {
    yield `${major}`;
    for (let build = 1; build <= 36; build += 3) yield `${major}-ea-${build}`;
    for (let patch = 0; patch <= 2; patch++) yield `${major}.${patch}`;
    for (let patch = 0; patch <= 16; patch += 2) yield `${major}.0.${patch}`;
  }
  for (let update = 111; update <= 342; update += 7) yield `8u${update}`;
}

function variants(): readonly string[] {
  const systems = [
    'alpine',
    'alpine3.19',
    'bookworm',
    'bullseye',
    'slim',
    'slim-bullseye',
    'slim-bookworm',
    'oracle',
  ];
  const more = [
    'oraclelinux7',
    'oraclelinux8',
    'nanoserver',
    'nanoserver-1809',
    'windowsservercore-ltsc2022',
  ];
  return ['', '-jdk', '-jre'].flatMap((kind) => [
    kind,
    ...[...systems, ...more].map((system) => `${kind}-${system}`),
  ]);
}
