// Package gateway stands before the services and keeps the crowd in order.
package gateway

import (
	"net/http"
	"sync"
	"time"
)

// Limiter lets each client make so many requests in a window of time.
type Limiter struct {
	mu     sync.Mutex
	limit  int
	window time.Duration
	seen   map[string][]time.Time
}

// NewLimiter returns a limiter that has seen nobody yet.
func NewLimiter(limit int, window time.Duration) *Limiter {
	return &Limiter{
		limit:  limit,
		window: window,
		seen:   make(map[string][]time.Time),
	}
}

// Allow says whether the client may make a request now, and counts it.
func (l *Limiter) Allow(client string, now time.Time) bool {
	l.mu.Lock()
	defer l.mu.Unlock()

	recent := l.seen[client][:0]
	for _, at := range l.seen[client] {
		if now.Sub(at) < l.window {
			recent = append(recent, at)
		}
	}
	if len(recent) >= l.limit {
		l.seen[client] = recent
		return false
	}
	l.seen[client] = append(recent, now)
	return true
}

// Forget drops clients that were silent for a whole window.
func (l *Limiter) Forget(now time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()

	for client, times := range l.seen {
		if len(times) == 0 || now.Sub(times[len(times)-1]) > l.window {
			delete(l.seen, client)
		}
	}
}

// Wrap answers 429 to clients that ask too often.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !l.Allow(r.RemoteAddr, time.Now()) {
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
