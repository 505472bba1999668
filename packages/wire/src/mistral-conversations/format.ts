import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { replyReader } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { ConversationsReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { writeRequest } from './write-request.ts'

/** Mistral's conversations, where they begin. Answers are only read. */
export const mistralConversations: WireFormat = {
  name: 'mistral-conversations',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest }),
  retarget: retargetWith(address),
  replyReader: (facts) => replyReader(new ConversationsReplyParser(), facts),
  readFailure,
}
