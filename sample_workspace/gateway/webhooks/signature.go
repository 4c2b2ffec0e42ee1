// Package webhooks takes what carriers send us.
package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"time"
)

// ErrForged means that the sender does not know the shared secret.
var ErrForged = errors.New("webhook signature does not match")

// ErrStale means that the message was recorded and is being played again.
var ErrStale = errors.New("webhook is too old")

const tolerance = 5 * time.Minute

// Verify checks that a webhook comes from the carrier: HMAC-SHA256 over timestamp and body.
func Verify(secret, body []byte, timestamp time.Time, signature string, now time.Time) error {
	if now.Sub(timestamp).Abs() > tolerance {
		return ErrStale
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write([]byte(timestamp.UTC().Format(time.RFC3339)))
	mac.Write(body)
	given, err := hex.DecodeString(signature)
	if err != nil || !hmac.Equal(given, mac.Sum(nil)) {
		return ErrForged
	}
	return nil
}
