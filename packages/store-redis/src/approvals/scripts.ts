/**
 * What an approval store does in Redis. Deciding is done outside, by the ledger in core: `look` tells what stands there
 * and what time it is, `put` keeps a record if nothing of what was looked at has changed since.
 *
 * All keys carry one hash tag, so that a cluster runs each script on one node: a hash of records by id, sorted sets of
 * their ids and of those that are pending by time, and of each call a hash with the ids of its live records and how
 * often it was asked about.
 */

/** KEYS records, call; ARGV ids. Answers {now, asked, records}; the call's live ones where no id is named. */
export const lookScript: string = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local asked, ids, rows = 0, ARGV, {}
if #ids == 0 then
  asked = tonumber(redis.call('HGET', KEYS[2], '#') or 0)
  ids = redis.call('HKEYS', KEYS[2])
end
for _, id in ipairs(ids) do
  local row = id ~= '#' and redis.call('HGET', KEYS[1], id)
  if row then rows[#rows + 1] = row end
end
return { now, asked, rows }
`

/**
 * KEYS records, times, pending, call asked about, call that it is good for; ARGV id, the record as it was or nothing for
 * a new one, the record, its time, its state, how often the call was asked about before.
 */
export const putScript: string = `
local id, was, record, at, state, asked = unpack(ARGV)
if (redis.call('HGET', KEYS[1], id) or '') ~= was then return 0 end
if was == '' then
  if (redis.call('HGET', KEYS[4], '#') or '0') ~= asked then return 0 end
  redis.call('HINCRBY', KEYS[4], '#', 1)
  redis.call('ZADD', KEYS[2], at, id)
end
redis.call('HSET', KEYS[1], id, record)
if state == 'pending' then redis.call('ZADD', KEYS[3], at, id) else redis.call('ZREM', KEYS[3], id) end
for i = 4, 5 do
  if state == 'used' then redis.call('HDEL', KEYS[i], id) else redis.call('HSET', KEYS[i], id, '1') end
end
return 1
`

/** KEYS records, times, pending, calls; ARGV id, the record as it was. */
export const forgetScript: string = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HDEL', KEYS[1], ARGV[1])
redis.call('ZREM', KEYS[2], ARGV[1])
redis.call('ZREM', KEYS[3], ARGV[1])
for i = 4, #KEYS do
  redis.call('HDEL', KEYS[i], ARGV[1])
  if redis.call('HLEN', KEYS[i]) <= 1 then redis.call('DEL', KEYS[i]) end
end
return 1
`

/** KEYS sticky decisions; ARGV id, the decision as it was, the decision. */
export const swapScript: string = `
if redis.call('HGET', KEYS[1], ARGV[1]) ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1
`
