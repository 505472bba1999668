import type { WireFormat } from '@holdfast/core'
import { eventStreamReader } from '../eventstream/event-stream-reader.ts'
import { readFailure } from '../failure/read-failure.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetBedrock } from './address.ts'
import { composeRequest } from './compose-request.ts'
import { ConverseReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'
import { writeRequest, writeUrl } from './write-request.ts'

/** Amazon Bedrock's Converse and ConverseStream. */
export const bedrockConverse: WireFormat = {
  name: 'bedrock-converse',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest, url: writeUrl }),
  retarget: retargetBedrock,
  composeRequest,
  replyReader: (facts) => eventStreamReader(new ConverseReplyParser(), facts),
  replyWriter,
  readFailure,
}
