import { checksum } from './checksum.ts'

const encoder = new TextEncoder()
const textType = 7

/** One message of an event stream of AWS, with its checksums. */
export function writeMessage(
  headers: Readonly<Record<string, string>>,
  payload: string,
): Uint8Array {
  const headerBytes = Buffer.concat(Object.entries(headers).map(writeHeader))
  const payloadBytes = encoder.encode(payload)
  const length = 12 + headerBytes.length + payloadBytes.length + 4
  const message = Buffer.alloc(length)
  message.writeUInt32BE(length, 0)
  message.writeUInt32BE(headerBytes.length, 4)
  message.writeUInt32BE(checksum(message.subarray(0, 8)), 8)
  message.set(headerBytes, 12)
  message.set(payloadBytes, 12 + headerBytes.length)
  message.writeUInt32BE(checksum(message.subarray(0, length - 4)), length - 4)
  return message
}

/** An event as Bedrock sends it: its name in a header, its members as JSON. */
export function writeEvent(name: string, value: unknown): Uint8Array {
  return writeMessage(
    {
      ':event-type': name,
      ':content-type': 'application/json',
      ':message-type': 'event',
    },
    JSON.stringify(value),
  )
}

/** An exception inside a stream. */
export function writeException(name: string, message: string): Uint8Array {
  return writeMessage(
    {
      ':exception-type': name,
      ':content-type': 'application/json',
      ':message-type': 'exception',
    },
    JSON.stringify({ message }),
  )
}

function writeHeader([name, value]: [string, string]): Uint8Array {
  const nameBytes = encoder.encode(name)
  const valueBytes = encoder.encode(value)
  const header = Buffer.alloc(1 + nameBytes.length + 3 + valueBytes.length)
  header.writeUInt8(nameBytes.length, 0)
  header.set(nameBytes, 1)
  header.writeUInt8(textType, 1 + nameBytes.length)
  header.writeUInt16BE(valueBytes.length, 2 + nameBytes.length)
  header.set(valueBytes, 4 + nameBytes.length)
  return header
}
