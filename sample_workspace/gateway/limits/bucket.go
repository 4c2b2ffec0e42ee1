// Package limits keeps one noisy client from starving the others.
package limits

import (
	"sync"
	"time"
)

// TokenBucket allows a steady number of requests a second and short bursts above it.
type TokenBucket struct {
	mu       sync.Mutex
	capacity float64
	tokens   float64
	perSec   float64
	last     time.Time
}

// NewTokenBucket returns a full bucket.
func NewTokenBucket(perSec, capacity float64, now time.Time) *TokenBucket {
	return &TokenBucket{capacity: capacity, tokens: capacity, perSec: perSec, last: now}
}

// Allow takes one token if there is one; otherwise the caller has asked too often.
func (b *TokenBucket) Allow(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tokens = min(b.capacity, b.tokens+now.Sub(b.last).Seconds()*b.perSec)
	b.last = now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}
