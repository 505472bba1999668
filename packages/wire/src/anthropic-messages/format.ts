import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { parserFor, replyReader } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { MessagesReplyParser } from './read-reply.ts'
import { composeRequest } from './compose-request.ts'
import { countsOf } from './read-counts.ts'
import { editToolCalls } from './edit-tool-calls.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'
import { writeRequest } from './write-request.ts'

/** Anthropic Messages. */
export const anthropicMessages: WireFormat = {
  name: 'anthropic-messages',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest }),
  retarget: retargetWith(address),
  composeRequest,
  replyReader: (facts) => replyReader(parserFor(facts, MessagesReplyParser, countsOf), facts),
  replyWriter,
  editToolCalls,
  readFailure,
}
