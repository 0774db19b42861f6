import { open } from 'node:fs/promises';
import { McapIndexedReader, type McapTypes } from '@mcap/core';

/** What the library's own reader finds in a file, by its index. */
export interface McapContent {
  readonly statistics: McapTypes.Statistics | undefined;
  readonly channels: readonly McapTypes.Channel[];
  readonly schemas: readonly McapTypes.Schema[];
  readonly chunks: number;
  /** In the order of their times. */
  readonly messages: readonly McapTypes.Message[];
  /** The texts of the messages on that topic. */
  texts(this: void, topic: string): readonly string[];
}

/** **Reads a file by its index**, as Foxglove does. */
export async function readMcap(path: string): Promise<McapContent> {
  const file = await open(path);
  try {
    const reader = await McapIndexedReader.Initialize({
      readable: {
        size: async () => BigInt((await file.stat()).size),
        read: async (offset, length) => {
          const bytes = new Uint8Array(Number(length));
          await file.read(bytes, 0, bytes.length, Number(offset));
          return bytes;
        },
      },
    });
    const messages: McapTypes.Message[] = [];
    for await (const message of reader.readMessages()) messages.push(message);
    const channels = [...reader.channelsById.values()];
    return {
      statistics: reader.statistics,
      channels,
      schemas: [...reader.schemasById.values()],
      chunks: reader.chunkIndexes.length,
      messages,
      texts: (topic) => {
        const ids = channels.filter((channel) => channel.topic === topic).map(({ id }) => id);
        return messages
          .filter(({ channelId }) => ids.includes(channelId))
          .map(({ data }) => Buffer.from(data).toString());
      },
    };
  } finally {
    await file.close();
  }
}
