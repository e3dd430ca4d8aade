import type { ApiCall } from './api-call.ts';

/** What becomes of a request, or of its answer. */
export type Act =
  /** SIGKILL to the replica that asked; it never gets an answer. */
  | { readonly kind: 'kill' }
  /** The connection is cut. */
  | { readonly kind: 'cut' }
  | { readonly kind: 'delay'; readonly ms: number }
  | { readonly kind: 'answer'; readonly status: number; readonly retryAfterSeconds?: number }
  /** A watch is answered 200, and the error comes in the stream. */
  | { readonly kind: 'in-stream'; readonly status: number };

/** One fault, and where it happens. */
export interface Rule {
  readonly matches: (call: ApiCall) => boolean;
  /** Before the API server sees the request, or after it has answered and before the replica knows. */
  readonly when: 'before' | 'after';
  readonly act: Act;
  /** How often; then the rule is spent. */
  readonly times: number;
}

/** A rule that waits for its request. */
export interface Armed {
  fired(): number;
  disarm(): void;
}

/** The rules of all proxies of an installation: a rule happens wherever its request comes first. */
export interface RuleBook {
  arm(rule: Rule): Armed;
  /** The act for this call now, if there is one; that counts. */
  take(call: ApiCall, when: Rule['when']): Act | undefined;
}

export function createRuleBook(): RuleBook {
  const rules = new Map<Rule, number>();
  return {
    arm(rule) {
      rules.set(rule, 0);
      let last = 0;
      return {
        fired: () => (last = rules.get(rule) ?? last),
        disarm() {
          last = rules.get(rule) ?? last;
          rules.delete(rule);
        },
      };
    },
    take(call, when) {
      for (const [rule, fired] of rules) {
        if (rule.when !== when || fired >= rule.times || !rule.matches(call)) continue;
        rules.set(rule, fired + 1);
        return rule.act;
      }
      return undefined;
    },
  };
}
