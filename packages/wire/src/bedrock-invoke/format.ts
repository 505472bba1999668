import type { WireFormat } from '@holdfast/core'
import { retargetBedrock } from '../bedrock-converse/address.ts'
import { eventStreamReader } from '../eventstream/event-stream-reader.ts'
import { readFailure } from '../failure/read-failure.ts'
import { parserFor } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { countsOf } from './read-counts.ts'
import { InvokeReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { writeRequest, writeUrl } from './write-request.ts'

/** Amazon Bedrock's InvokeModel, whose bodies are those of the model's vendor. Answers are only read. */
export const bedrockInvoke: WireFormat = {
  name: 'bedrock-invoke',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest, url: writeUrl }),
  retarget: retargetBedrock,
  replyReader: (facts) => eventStreamReader(parserFor(facts, InvokeReplyParser, countsOf), facts),
  readFailure,
}
