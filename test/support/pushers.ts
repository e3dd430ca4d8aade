/** What a payload may call whoever pushed; none has a slash, behind which Nexus puts an address. */
export const pushers = [
  ...['ann@acme.example', 'robot$ci+Ann', 'github-actions[bot]'],
  ...['a\nb\u202e\ud800\0', '*_`<!channel>`_*', 'é'.repeat(5000)],
];
/** What it may have there instead. */
export const noPushers = [
  ...['', ' \u200b\n', `${' '.repeat(9000)}ann`],
  ...[null, 7, true, [], ['ann'], {}, { name: {} }],
];
