export { connectRedis } from './connect-redis.ts'
export type { RedisAddress, RedisConnection, RedisScripts } from './connect-redis.ts'
export { redisLimitStore } from './limits/redis-limit-store.ts'
export type { RedisLimitStoreOptions } from './limits/redis-limit-store.ts'
