import type { Clock } from '../../core/ports.ts';
import { isSnsCertificate } from './sns-address.ts';
import type { SnsCertificates } from './sns-certificates.ts';
import { isSignedBy, SnsEnvelope } from './sns-envelope.ts';
import type { Way } from './way.ts';

export interface SnsOptions {
  /** ARNs of the topics whose messages are taken: anybody may own a topic, and gets its messages signed. */
  readonly topics: readonly string[];
  readonly certificates: SnsCertificates;
  readonly clock: Clock;
}

/** SNS tries for no longer than this, so an older message is a replay. */
const maxAgeMs = 3_600_000;
/** The dialects that come through SNS. */
const sources: readonly string[] = ['sns', 'ecr'];

/** Lets in the messages that SNS has signed for our topics. */
export function snsWay({ topics, certificates, clock }: SnsOptions): Way {
  const isOurs = ({ TopicArn, Timestamp, SigningCertURL }: SnsEnvelope): boolean =>
    topics.includes(TopicArn) &&
    Math.abs(clock.now().getTime() - Date.parse(Timestamp)) <= maxAgeMs &&
    isSnsCertificate(SigningCertURL);
  return {
    serves: (source) => sources.includes(source),
    async admits(_carrier, { body }, signal) {
      const { data: envelope } = SnsEnvelope.safeParse(body);
      if (!envelope || !isOurs(envelope)) return false;
      const pem = await certificates(envelope.SigningCertURL, signal);
      return isSigned(envelope, pem);
    },
  };
}

function isSigned(envelope: SnsEnvelope, pem: string): boolean {
  try {
    return isSignedBy(envelope, pem);
  } catch {
    // Whatever is at that address, it is no certificate.
    return false;
  }
}
