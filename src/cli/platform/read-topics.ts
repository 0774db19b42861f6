import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { checkedTopic, type Topic } from '../../genesys/notifications/topics.ts';
import { UsageError } from '../arguments/usage-error.ts';

/** The flags that say which topics are wanted. */
export interface TopicFlags {
  readonly topic?: readonly string[] | undefined;
  readonly 'topics-file'?: string | undefined;
}

/** A line's comment: from a `#` on, at its start or after a space. */
const COMMENT = /(?:^|\s)#[^]*$/;

/**
 * **The topics of the flags and of the file that they name**, each once; undefined where neither is given, and none where it is
 * stopped before the file is read.
 *
 * @throws UsageError where one is no topic, there is none, or the file can't be read
 */
export async function readTopics(flags: TopicFlags, stopped: Promise<void>): Promise<readonly Topic[] | undefined> {
  const { topic: names = [], 'topics-file': file } = flags;
  const topics = names.map((name) => topicOf('--topic', name));
  if (file !== undefined) {
    const content = await Promise.race([contentOf(file, stopped), stopped.then(() => undefined)]);
    if (content === undefined) return [];
    topics.push(...topicsIn(content, nameOf(file)));
    if (topics.length === 0) throw new UsageError(`--topics-file: there is no topic in ${nameOf(file)}`);
  }
  return topics.length === 0 ? undefined : [...new Set(topics)];
}

function topicsIn(content: string, file: string): readonly Topic[] {
  return content.split('\n').flatMap((line, index) => {
    const name = line.replace(COMMENT, '').trim();
    return name === '' ? [] : [topicOfLine(`line ${index + 1} of ${file}`, name)];
  });
}

function topicOfLine(where: string, name: string): Topic {
  try {
    return checkedTopic(where, name);
  } catch {
    // Without its text: it may be another file than was meant, with secrets in it.
    throw new UsageError(`--topics-file: ${where} must be one topic, such as v2.users.ID.presence, and is not`);
  }
}

/** Takes the name of a topic from a flag. @throws UsageError where it is none */
export function topicOf(flag: string, name: string): Topic {
  try {
    return checkedTopic(flag, name);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

async function contentOf(file: string, stopped: Promise<void>): Promise<string> {
  if (file === '-') {
    // It would keep the process from ending.
    void stopped.then(() => process.stdin.destroy());
    return text(process.stdin);
  }
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(`--topics-file: ${nameOf(file)} can't be read (${code ?? 'unknown error'})`, { cause: error });
  }
}

function nameOf(file: string): string {
  return file === '-' ? 'stdin' : JSON.stringify(file);
}
