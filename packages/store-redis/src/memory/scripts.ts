/**
 * What a memory store does in Redis. All keys carry one hash tag, so that a cluster runs each script on one node:
 *
 * - `versions`: hash of `<id>/<version>` to the row
 * - `newest`: hash of id to the number of its newest version
 * - `all`: sorted set of `<id>/<version>` by sequence number
 * - `ends`: sorted set of ids by when their newest version expires
 * - `epochs`: hash of place to a number that changes when something there is deleted; `#` is the last sequence number
 * - per place a sorted set of `<id>/<version>`, per owner (a hash of tenant and user) a set of ids
 *
 * For the places that its query engine searches:
 *
 * - `doc:<place>:<id>/<version>`: hash of what a version is found by
 * - `findable:<place>`: hash of how many of these there are, and how long they are together
 * - `find:up-to`, `find1:up-to`: hash of place to up to which sequence number it is in that index
 */

/** KEYS versions, newest, all, ends, epochs, place, owners…; ARGV id, version, row, expiry or ''. Answers 1 or 0. */
const putScript: string = `
local id, version, row, ends = unpack(ARGV)
if tonumber(redis.call('HGET', KEYS[2], id) or 0) + 1 ~= tonumber(version) then return 0 end
local seq = redis.call('HINCRBY', KEYS[5], '#', 1)
local name = id .. '/' .. version
redis.call('HSET', KEYS[1], name, row)
redis.call('HSET', KEYS[2], id, version)
redis.call('ZADD', KEYS[3], seq, name)
redis.call('ZADD', KEYS[6], seq, name)
if ends == '' then redis.call('ZREM', KEYS[4], id) else redis.call('ZADD', KEYS[4], ends, id) end
for i = 7, #KEYS do redis.call('SADD', KEYS[i], id) end
return 1
`

/** KEYS versions, newest, all, epochs, place; ARGV id, version, row. Answers 1 or 0. */
const addVectorScript: string = `
local id, version, row = unpack(ARGV)
if tonumber(redis.call('HGET', KEYS[2], id) or 0) ~= tonumber(version) then return 0 end
local name = id .. '/' .. version
if cjson.decode(redis.call('HGET', KEYS[1], name))['embedding'] then return 0 end
local seq = redis.call('HINCRBY', KEYS[4], '#', 1)
redis.call('HSET', KEYS[1], name, row)
redis.call('ZADD', KEYS[3], seq, name)
redis.call('ZADD', KEYS[5], seq, name)
return 1
`

/** KEYS versions, newest; ARGV 'newest' or 'history', ids. Answers rows. */
const readScript: string = `
local rows = {}
for i = 2, #ARGV do
  local last = tonumber(redis.call('HGET', KEYS[2], ARGV[i]) or 0)
  local first = ARGV[1] == 'newest' and math.max(last, 1) or 1
  for version = first, last do
    local row = redis.call('HGET', KEYS[1], ARGV[i] .. '/' .. version)
    if row then rows[#rows + 1] = row end
  end
end
return rows
`

/** KEYS versions, epochs, place; ARGV name of the place, known epoch or '', known sequence number, most. Answers {epoch, seq, rows}. */
const changesScript: string = `
local epoch = redis.call('HGET', KEYS[2], ARGV[1]) or '0'
local after = epoch == ARGV[2] and ARGV[3] or '0'
local names = redis.call('ZRANGEBYSCORE', KEYS[3], '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0, ARGV[4])
local rows, seq = {}, after
for i = 1, #names, 2 do
  rows[#rows + 1] = redis.call('HGET', KEYS[1], names[i])
  seq = names[i + 1]
end
return { epoch, seq, rows }
`

/**
 * KEYS versions, newest, all, ends, epochs, then the place of each id; ARGV what the keys begin with, then id and name of
 * the place of each. Answers how many there were.
 */
const forgetScript: string = `
local count = 0
for i = 1, (#ARGV - 1) / 2 do
  local id, place = ARGV[2 * i], ARGV[2 * i + 1]
  local last = redis.call('HGET', KEYS[2], id)
  if last then
    count = count + 1
    local placeKey = KEYS[5 + i]
    for version = 1, tonumber(last) do
      local name = id .. '/' .. version
      redis.call('HDEL', KEYS[1], name)
      redis.call('ZREM', KEYS[3], name)
      redis.call('ZREM', placeKey, name)
      local doc = ARGV[1] .. ':doc:' .. place .. ':' .. name
      local length = redis.call('HGET', doc, 'length')
      if length then
        -- Only RediSearch 1 has to be told, and only where it is.
        redis.pcall('FT.DEL', ARGV[1] .. ':find1', doc)
        redis.call('UNLINK', doc)
        local findable = ARGV[1] .. ':findable:' .. place
        redis.call('HINCRBY', findable, 'length', -length)
        if redis.call('HINCRBY', findable, 'count', -1) <= 0 then redis.call('UNLINK', findable) end
      end
    end
    redis.call('HDEL', KEYS[2], id)
    redis.call('ZREM', KEYS[4], id)
    redis.call('HINCRBY', KEYS[5], place, 1)
  end
end
return count
`

/** KEYS up to where places are findable; ARGV what FT.CREATE is given: a new index has nothing of any place. */
const indexScript: string = `
redis.call('FT.CREATE', unpack(ARGV))
redis.call('DEL', KEYS[1])
return 1
`

/**
 * KEYS versions, what is findable of the place, up to where places are; ARGV what the keys of its hashes begin with, the
 * index to be told of them or '', name of the place, up to where it is and will be, then of each version its name, words,
 * length, time, field of its vector or '', and vector. What was deleted meanwhile is left out. Answers 1, or 0 where
 * somebody was faster.
 */
const findableScript: string = `
local begin, index, place, known, upTo = unpack(ARGV, 1, 5)
if (redis.call('HGET', KEYS[3], place) or '0') ~= known then return 0 end
for i = 6, #ARGV, 6 do
  local name, words, length, at, field, vector = unpack(ARGV, i, i + 5)
  if redis.call('HEXISTS', KEYS[1], name) == 1 then
    local doc = begin .. name
    local before = redis.call('HGET', doc, 'length')
    redis.call('HSET', doc, 'place', place, 'words', words, 'atMs', at, 'length', length)
    if field ~= '' then redis.call('HSET', doc, field, vector) end
    if not before then redis.call('HINCRBY', KEYS[2], 'count', 1) end
    redis.call('HINCRBY', KEYS[2], 'length', length - (before or 0))
    if index ~= '' then redis.call('FT.ADDHASH', index, doc, '1.0', 'REPLACE') end
  end
end
redis.call('HSET', KEYS[3], place, upTo)
return 1
`

type Name = 'Put' | 'AddVector' | 'Read' | 'Changes' | 'Forget' | 'Index' | 'Findable'

/** All of them, as the client is given them. */
export const memoryScripts: Readonly<Record<`holdfastMemory${Name}`, { readonly lua: string }>> = {
  holdfastMemoryPut: { lua: putScript },
  holdfastMemoryAddVector: { lua: addVectorScript },
  holdfastMemoryRead: { lua: readScript },
  holdfastMemoryChanges: { lua: changesScript },
  holdfastMemoryForget: { lua: forgetScript },
  holdfastMemoryIndex: { lua: indexScript },
  holdfastMemoryFindable: { lua: findableScript },
}
