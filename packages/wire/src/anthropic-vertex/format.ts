import type { WireFormat } from '@holdfast/core'
import { anthropicMessages } from '../anthropic-messages/format.ts'
import { editToolCalls } from '../anthropic-messages/edit-tool-calls.ts'
import { replyWriter } from '../anthropic-messages/write-reply.ts'
import { readFailure } from '../failure/read-failure.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { writeRequest, writeUrl } from './write-request.ts'

/** Anthropic Messages on Vertex AI: the same bodies and answers behind Google's address. */
export const anthropicVertex: WireFormat = {
  name: 'anthropic-vertex',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest, url: writeUrl }),
  retarget: retargetWith(address),
  replyReader: (facts) => anthropicMessages.replyReader(facts),
  replyWriter,
  editToolCalls,
  readFailure,
}
