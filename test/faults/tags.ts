/** Tags of these tests: `1.0.7`, or `1.0.7-broken`, an image that no pod gets ready with. */
export interface Tag {
  readonly number: number;
  readonly flavour: string;
}

export function tagOf({ number, flavour }: Tag): string {
  return `1.0.${number}${flavour}`;
}

/** The last part of the version in an image or a tag; NaN when it is none of ours. */
export function numberOf(image: string): number {
  return Number(/(?:^|:)1\.0\.(\d+)(?:-broken)?$/.exec(image)?.[1] ?? NaN);
}

/** Its pods never get ready: every update of it must end Failed. */
export function isBroken(image: string): boolean {
  return image.endsWith('-broken');
}

/** The repository that a Deployment runs. */
export function repositoryOf(deployment: string): string {
  return `quay.io/faults/${deployment}`;
}

export function imageOf(deployment: string, tag: string): string {
  return `${repositoryOf(deployment)}:${tag}`;
}
