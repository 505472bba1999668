import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { replyReader } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { CompletionsReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { writeRequest } from './write-request.ts'

/** OpenAI's completions of one text, and Mistral's fill-in-the-middle. Answers are only read. */
export const openaiCompletions: WireFormat = {
  name: 'openai-completions',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest }),
  retarget: retargetWith(address),
  replyReader: (facts) => replyReader(new CompletionsReplyParser(), facts),
  readFailure,
}
