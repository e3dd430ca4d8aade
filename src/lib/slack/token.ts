/** The form of a token that posts: of a bot, or of a person in whose name it then does. */
export const postingToken = /^xox[bp]-[\w.-]{8,}$/;

/**
 * The form of what people call a channel: its name or its id, or those of a person. A token in its place would be in the
 * log.
 */
export const channelName = /^(?!#?x(?:ox[a-z]|app)[-.])#?[^\s#<>&]{1,80}$/i;
