/** `ann@acme.example`; no colon, which the names of other ways of voting have. */
const address = /^[^\s@,:]+@[^\s@,:]+$/;
/** A user of Slack, somebody with a token of ours, a user of Kubernetes. */
const person = /^(?:[UW][A-Z0-9]{8,}|slack:[A-Z0-9]+\/[A-Z0-9]+|token:[a-z0-9-]+|kubernetes:[^\s,]+)$/;

/** Whether an entry among approvers is the address of a person. */
export function isAddress(entry: string): boolean {
  return address.test(entry);
}

/** Whether it is one person, by the name that a way of voting vouches for; whatever else may stand for many. */
export function isOnePerson(entry: string): boolean {
  return isAddress(entry) || person.test(entry);
}
