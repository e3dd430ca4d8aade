/** A link that people can open; `undefined` for anything else: for such a one some places refuse the whole message. */
export function webLink(link: string | undefined): string | undefined {
  return link !== undefined && /^https?:\/\/\S+$/.test(link) && URL.canParse(link) ? link : undefined;
}
