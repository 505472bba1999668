import type { WireFormat } from '@holdfast/core'
import { readFailure } from '../failure/read-failure.ts'
import { lineReader } from '../ndjson/line-reader.ts'
import { parserFor } from '../reply/reply-reader.ts'
import { requestMethods } from '../request/request-codec.ts'
import { retargetWith } from '../request/retarget.ts'
import { address } from './address.ts'
import { composeRequest } from './compose-request.ts'
import { countsOf } from './read-counts.ts'
import { OllamaReplyParser } from './read-reply.ts'
import { readRequest } from './read-request.ts'
import { recognise } from './recognise.ts'
import { replyWriter } from './write-reply.ts'
import { writeRequest } from './write-request.ts'

/** Ollama's own chat, generate and embeddings. */
export const ollamaChat: WireFormat = {
  name: 'ollama-chat',
  recognise,
  ...requestMethods({ read: readRequest, write: writeRequest }),
  retarget: retargetWith(address),
  composeRequest,
  replyReader: (facts) => lineReader(parserFor(facts, OllamaReplyParser, countsOf), facts),
  replyWriter,
  readFailure,
}
