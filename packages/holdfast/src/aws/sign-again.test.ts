import { type HttpRequest, httpHeaders } from '@holdfast/core'
import { expect, test } from 'vitest'
import { needsSignature } from './needs-signature.ts'
import { signAgain } from './sign-again.ts'

const credentials = { accessKeyId: 'AKIAONE', secretAccessKey: 'secret' }
const own = { credentials: () => credentials }

function request(url: string, headers: Record<string, string> = {}): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: httpHeaders({ 'content-type': 'application/json', ...headers }),
    body: '{}',
    signal: undefined,
    layer: 'http',
  }
}

const path = '/model/m%3A0/converse'
const bedrock = (region: string): string => `https://bedrock-runtime.${region}.amazonaws.com${path}`
const signature = (algorithm: string): Record<string, string> => ({
  authorization: `${algorithm} Credential=AKIAONE/20261121/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ab`,
  'x-amz-date': '20261121T120000Z',
})
const original = request(bedrock('us-east-1'), signature('AWS4-HMAC-SHA256'))

test.for([
  ['a signed request', original, true],
  ['a request to AWS without any key', request(bedrock('us-east-1')), true],
  ['one with a bearer token', request(bedrock('us-east-1'), { authorization: 'Bearer x' }), false],
  ['one to somebody else', request('https://api.openai.com/v1/chat/completions'), false],
] as const)('%s', ([, one, needs]) => {
  expect(needsSignature(one)).toBe(needs)
})

test('the region is that of the new address, and the time that of the clock that signed first', async () => {
  const moved = request(bedrock('eu-west-1'), signature('AWS4-HMAC-SHA256'))
  const signed = await signAgain({ request: moved, original, elapsedMs: 61_000 }, own)
  expect(signed?.headers.get('authorization')).toMatch(
    /Credential=AKIAONE\/20261121\/eu-west-1\/bedrock\/aws4_request, SignedHeaders=content-type;host;x-amz-content-sha256;x-amz-date, Signature=[0-9a-f]{64}$/,
  )
  expect(signed?.headers.get('x-amz-date')).toBe('20261121T120101Z')
  expect(signed?.headers.get('host')).toBe('bedrock-runtime.eu-west-1.amazonaws.com')
})

test('a request that was composed for Bedrock gets a first signature', async () => {
  const composed = request(bedrock('us-west-2'))
  const asked = request('https://api.openai.com/v1/chat/completions', { authorization: 'Bearer x' })
  const signed = await signAgain({ request: composed, original: asked, elapsedMs: 0 }, own)
  expect(signed?.headers.get('authorization')).toMatch(/^AWS4-HMAC-SHA256 .*\/us-west-2\/bedrock\//)
})

test('a private endpoint names its region too', async () => {
  const url = `https://vpce-1.bedrock-runtime.ap-south-1.vpce.amazonaws.com${path}`
  const changed = { request: request(url), original: request(url), elapsedMs: 0 }
  const signed = await signAgain(changed, own)
  expect(signed?.headers.get('authorization')).toContain('/ap-south-1/bedrock/')
})

test('a signature over several regions is left to those who made it', async () => {
  const asymmetric = request(bedrock('us-east-1'), signature('AWS4-ECDSA-P256-SHA256'))
  const changed = { request: asymmetric, original: asymmetric, elapsedMs: 0 }
  expect(await signAgain(changed, own)).toBeUndefined()
})

test('without a region nothing can be signed', async () => {
  const composed = request('https://bedrock.example/model/m/converse')
  const changed = { request: composed, original: composed, elapsedMs: 0 }
  expect(await signAgain(changed, own)).toBeUndefined()
})
