/**
 * What a journal does in Redis as scripts, one each. The keys of a run carry one hash tag: a hash with how it stands,
 * a hash of its entries by number, a hash of its blobs. Leases are counted in Redis's own time.
 */
const clock = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local function isOwner(key, fence) return redis.call('HGET', key, 'fence') == fence end
`

/** KEYS run; ARGV facts, owner, ownerId, ttlMs, overFence, only. Answers {taken, fence, the run as it was}. */
export const acquireScript: string = `${clock}
local run = redis.call('HGETALL', KEYS[1])
if #run == 0 then
  if ARGV[6] ~= '' then return { 0, 0, run, now } end
  redis.call('HSET', KEYS[1], 'facts', ARGV[1], 'state', 'running', 'created', now, 'updated', now,
    'fence', 1, 'owner', ARGV[2], 'ownerId', ARGV[3], 'until', now + ARGV[4])
  return { 1, 1, run, now }
end
local held = redis.call('HMGET', KEYS[1], 'ownerId', 'until', 'fence', 'state')
local unfinished = ARGV[6] == 'unfinished'
if unfinished and (held[4] == 'completed' or held[4] == 'failed') then return { 0, 0, run, now } end
local isHeld = held[1] and (unfinished or held[1] ~= ARGV[3]) and tonumber(held[2]) > now
if isHeld and held[3] ~= ARGV[5] then return { 0, 0, run, now } end
local fence = redis.call('HINCRBY', KEYS[1], 'fence', 1)
redis.call('HSET', KEYS[1], 'state', 'running', 'updated', now, 'owner', ARGV[2], 'ownerId', ARGV[3],
  'until', now + ARGV[4])
return { 1, fence, run, now }
`

/** KEYS run; ARGV fence, ttlMs. */
export const renewScript: string = `${clock}
if not isOwner(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'until', now + ARGV[2], 'updated', now)
return now
`

/** KEYS run; ARGV fence, state, release, secret. */
export const updateScript: string = `${clock}
if not isOwner(KEYS[1], ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], 'state', ARGV[2], 'updated', now)
if ARGV[4] ~= '' then redis.call('HSET', KEYS[1], 'secret', ARGV[4]) end
if ARGV[3] == '1' then redis.call('HDEL', KEYS[1], 'owner', 'ownerId', 'until') end
return now
`

/** KEYS run, entries, blobs; ARGV fence, count, then seq and entry of each, then hash and content of each blob. */
export const appendScript: string = `
if redis.call('HGET', KEYS[1], 'fence') ~= ARGV[1] then return 0 end
local last = 2 + 2 * tonumber(ARGV[2])
for i = 3, last, 2 do
  if redis.call('HEXISTS', KEYS[2], ARGV[i]) == 1 then
    return redis.error_reply('entry ' .. ARGV[i] .. ' is there already')
  end
end
for i = 3, last, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
for i = last + 1, #ARGV, 2 do redis.call('HSETNX', KEYS[3], ARGV[i], ARGV[i + 1]) end
return 1
`

/** KEYS run, entries, blobs. */
export const removeScript: string = `${clock}
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
local held = redis.call('HMGET', KEYS[1], 'ownerId', 'until')
if held[1] and tonumber(held[2]) > now then return 0 end
redis.call('DEL', KEYS[1], KEYS[2], KEYS[3])
return 1
`
