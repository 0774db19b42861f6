const KEY = 'attributes';

/** An interaction update of about that many bytes, most of them in members of members, as JSON. */
export function interactionOfSize(bytes: number, type = 'interaction.update'): Buffer {
  const update = { id: '7c0ce8a3-2a4e-4a5f-9d0b-3f1f2f7f1c55', type, routing: { queue: 'q1' } };
  const attributes: object[] = [];
  let text = JSON.stringify(update);
  while (text.length < bytes) {
    // Many at a time: a long text is not made anew for each.
    const missing = Math.ceil((bytes - text.length) / 160);
    for (let count = 0; count < missing; count += 1) attributes.push(attribute(attributes.length));
    text = JSON.stringify({ ...update, [KEY]: attributes });
  }
  return Buffer.from(text);
}

function attribute(index: number): object {
  return {
    name: `attribute ${index}`,
    value: 'A customer has asked for a new invoice, and was put through.',
    at: 1_700_000_000_000 + index,
    score: index / 7,
    final: index % 2 === 0,
    tags: ['billing', 'invoice'],
  };
}
