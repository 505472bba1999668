import { crc32 } from 'node:zlib'

import type { Random } from '../random.ts'

/** An event of an event stream of AWS, padded as Bedrock does it. */
export function awsEvent(name: string, value: object, random?: Random): Buffer {
  const p =
    random === undefined ? undefined : 'abcdefghijklmnopqrstuvwxyz'.slice(0, 1 + random.next() * 25)
  const payload = JSON.stringify(p === undefined ? value : { ...value, p })
  return awsMessage({ ':event-type': name, ':message-type': 'event' }, payload)
}

/** An exception inside of a stream. */
export function awsException(name: string, message: string): Buffer {
  const headers = { ':exception-type': name, ':message-type': 'exception' }
  return awsMessage(headers, JSON.stringify({ message }))
}

// https://smithy.io/2.0/aws/amazon-eventstream.html (2026-11-21)
function awsMessage(headers: Readonly<Record<string, string>>, payload: string): Buffer {
  const all = { ...headers, ':content-type': 'application/json' }
  const head = Buffer.concat(Object.entries(all).map(header))
  const body = Buffer.from(payload)
  const message = Buffer.alloc(12 + head.length + body.length + 4)
  message.writeUInt32BE(message.length, 0)
  message.writeUInt32BE(head.length, 4)
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8)
  head.copy(message, 12)
  body.copy(message, 12 + head.length)
  message.writeUInt32BE(crc32(message.subarray(0, -4)), message.length - 4)
  return message
}

function header([name, value]: [string, string]): Buffer {
  const length = Buffer.alloc(2)
  length.writeUInt16BE(Buffer.byteLength(value))
  const ofText = 7
  return Buffer.concat([
    Buffer.of(name.length),
    Buffer.from(name),
    Buffer.of(ofText),
    length,
    Buffer.from(value),
  ])
}
