package limits

import (
	"net"
	"net/http"
	"sync"
	"time"
)

// PerClient answers 429 to an address that sends more requests than its bucket holds.
func PerClient(next http.Handler, perSec, burst float64) http.Handler {
	var buckets sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host, _, err := net.SplitHostPort(r.RemoteAddr)
		if err != nil {
			host = r.RemoteAddr
		}
		now := time.Now()
		bucket, _ := buckets.LoadOrStore(host, NewTokenBucket(perSec, burst, now))
		if !bucket.(*TokenBucket).Allow(now) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
