import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { parserFor, replyReader } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { composeRequest } from './compose-request.ts'
import { countsOf } from './read-counts.ts'
import { CohereReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'
import { writeRequest } from './write-request.ts'

/** Cohere's v2 chat and embeddings. */
export const cohereChat: WireFormat = {
  name: 'cohere-chat',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest }),
  retarget: retargetWith(address),
  composeRequest,
  replyReader: (facts) => replyReader(parserFor(facts, CohereReplyParser, countsOf), facts),
  replyWriter,
  readFailure,
}
