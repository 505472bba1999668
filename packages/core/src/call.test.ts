import { expect, test } from 'vitest'
import { hostOf } from './http.ts'
import { lineCall, lineFormat } from './testing/line-format.ts'

test('an untouched call keeps the very request object that came', () => {
  const call = lineCall()
  expect(call.with({}).http).toBe(call.http)
  expect(call.with({ model: 'm' }).http).toBe(call.http)
})

test('a call is frozen, and with() leaves the original as it was', () => {
  const call = lineCall()
  expect(Object.isFrozen(call)).toBe(true)
  const changed = call.with({ model: 'other' })
  expect(changed.model).toBe('other')
  expect(changed.http.body).toBe('{"model":"other"}')
  expect(call.http.body).toBe('{"model":"m"}')
})

test('a target changes address, key and provider, and nothing of the body', () => {
  const changed = lineCall().with({ target: { baseUrl: 'http://127.0.0.1:8080', apiKey: 'two' } })
  expect(changed.http.url).toBe('http://127.0.0.1:8080/lines')
  expect(changed.http.headers.get('authorization')).toBe('two')
  expect(changed.http.body).toBe('{"model":"m"}')
  expect(changed.provider).toBe('127.0.0.1:8080')
  expect(changed.host).toBe('127.0.0.1:8080')
})

test('the request is parsed once, at first use', () => {
  let parsed = 0
  const format = {
    ...lineFormat,
    readRequest: (...from: Parameters<typeof lineFormat.readRequest>) => {
      parsed++
      return lineFormat.readRequest(...from)
    },
  }
  const call = lineCall({ format })
  expect(parsed).toBe(0)
  expect(call.request).toBe(call.request)
  expect(parsed).toBe(1)
})

test.each([
  ['https://api.openai.com/v1/chat', 'api.openai.com'],
  ['http://127.0.0.1:8080?x=1', '127.0.0.1:8080'],
  ['http://name:word@host.example/a@b', 'host.example'],
  ['http://[::1]:99/x', '[::1]:99'],
])('the host of %s is %s', (url, host) => {
  expect(hostOf(url)).toBe(host)
})
