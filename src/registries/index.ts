import type { Registry } from '../core/registry.ts';
import { acr } from './acr.ts';
import { aliyun } from './aliyun.ts';
import { cdevents } from './cdevents.ts';
import { cloudevents } from './cloudevents.ts';
import { distribution } from './distribution.ts';
import { dockerhub } from './dockerhub.ts';
import { ecr } from './ecr.ts';
import { gar } from './gar.ts';
import { ghcr } from './ghcr.ts';
import { gitea } from './gitea.ts';
import { gitlab } from './gitlab.ts';
import { harbor } from './harbor.ts';
import { jfrog } from './jfrog.ts';
import { keel } from './keel.ts';
import { nexus } from './nexus.ts';
import { ocir } from './ocir.ts';
import { sns } from './sns.ts';
import { tcr } from './tcr.ts';
import { zot } from './zot.ts';
import { quay } from './quay.ts';

/**
 * Every dialect: one line a file, in the order in which they are asked at plain `POST /webhook`: who is known by a
 * header or a word of its own before whoever is known by a shape that others have too. Quay is the default.
 */
export const registries: readonly Registry[] = [
  zot,
  sns,
  acr,
  ecr,
  cdevents,
  gitea,
  ghcr,
  nexus,
  jfrog,
  tcr,
  harbor,
  ocir,
  aliyun,
  dockerhub,
  gar,
  gitlab,
  distribution,
  quay,
  keel,
  cloudevents,
];
