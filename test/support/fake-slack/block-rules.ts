/**
 * What Slack refuses in a message.
 * https://docs.slack.dev/reference/block-kit/blocks
 */
export function messageProblem(body: Readonly<Record<string, unknown>>): string | undefined {
  const { text = '', blocks, metadata } = body;
  if (typeof text !== 'string') return 'invalid_arguments';
  if (text.length > 40_000) return 'msg_too_long';
  if (blocks === undefined && text === '') return 'no_text';
  if (metadataProblem(metadata)) return 'invalid_metadata_format';
  if (blocks === undefined) return undefined;
  if (!Array.isArray(blocks) || blocks.length > 50) return 'invalid_blocks';
  if (!(blocks as Block[]).every(isBlock)) return 'invalid_blocks';
  // Not in the reference, but seen: https://github.com/slackapi/bolt-js/issues/2509
  return JSON.stringify(blocks).length > 13_000 ? 'msg_blocks_too_long' : undefined;
}

type Block = Readonly<Record<string, unknown>>;

function isBlock(block: Block): boolean {
  switch (block.type) {
    case 'section':
      return (
        (block.text === undefined || isText(block.text, 3000)) &&
        (block.fields === undefined ||
          ((block.fields as unknown[]).length <= 10 &&
            (block.fields as unknown[]).every((f) => isText(f, 2000)))) &&
        (block.text !== undefined || block.fields !== undefined)
      );
    case 'header':
      return isText(block.text, 150) && (block.text as Block).type === 'plain_text';
    case 'context':
      return (block.elements as unknown[]).length <= 10 && (block.elements as unknown[]).every(isContextText);
    case 'actions':
      return (block.elements as Block[]).length <= 25 && (block.elements as Block[]).every(isButton);
    case 'divider':
      return true;
    default:
      return false;
  }
}

function isContextText(text: unknown): boolean {
  return isText(text, 3000);
}

function isText(text: unknown, most: number): boolean {
  const { type, text: words } = (text ?? {}) as Block;
  return (
    (type === 'mrkdwn' || type === 'plain_text') &&
    typeof words === 'string' &&
    words.length > 0 &&
    words.length <= most
  );
}

function isButton({ type, text, action_id: id, value, url, confirm, style }: Block): boolean {
  return (
    type === 'button' &&
    isText(text, 75) &&
    (text as Block).type === 'plain_text' &&
    typeof id === 'string' &&
    id.length <= 255 &&
    (value === undefined || (typeof value === 'string' && value.length <= 2000)) &&
    (url === undefined || (typeof url === 'string' && url.length <= 3000)) &&
    (style === undefined || style === 'primary' || style === 'danger') &&
    (confirm === undefined || isConfirm(confirm as Block))
  );
}

function isConfirm({ title, text, confirm, deny }: Block): boolean {
  return isText(title, 100) && isText(text, 300) && isText(confirm, 30) && isText(deny, 30);
}

function metadataProblem(metadata: unknown): boolean {
  if (metadata === undefined) return false;
  const { event_type: type, event_payload: payload } = metadata as Block;
  return typeof type !== 'string' || typeof payload !== 'object' || JSON.stringify(metadata).length > 8000;
}

/**
 * Who and what a text calls up: `!channel`, `@U1`, `#C1`, links. An escaped `<` calls nobody.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
export function calledIn(text: string): readonly string[] {
  return [...text.matchAll(/<([^<>]*)>/g)].map(([, inside = '']) => inside);
}
