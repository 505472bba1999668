import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { parserFor, replyReader } from '../reply/reply-reader.ts'
import { UsageParser } from '../reply/usage-parser.ts'
import { ChatReplyParser } from './read-reply.ts'
import { countsOf } from './read-counts.ts'
import { recognise } from './recognise.ts'

const soon = (): never => {
  throw new Error('not written yet')
}

/** OpenAI Chat Completions, and the many who speak it. */
export const openaiChat: WireFormat = {
  name: 'openai-chat',
  recognise,
  readRequest: soon,
  writeRequest: soon,
  retarget: soon,
  replyReader: (facts) =>
    replyReader(
      parserFor(
        facts.operation,
        () => new ChatReplyParser(),
        () => new UsageParser(countsOf),
      ),
      facts,
    ),
  writeReply: soon,
  readFailure,
}
