package webhooks

import "context"

// Event is one scan that a carrier tells us about.
type Event struct {
	TrackingNumber string
	Place          string
}

// Queue hands events to a fixed number of workers and makes senders wait when all are busy.
type Queue struct {
	events chan Event
}

// NewQueue starts the workers; they end when the context does.
func NewQueue(ctx context.Context, workers, waiting int, handle func(context.Context, Event)) *Queue {
	q := &Queue{events: make(chan Event, waiting)}
	for range workers {
		go func() {
			for {
				select {
				case <-ctx.Done():
					return
				case event := <-q.events:
					handle(ctx, event)
				}
			}
		}()
	}
	return q
}

// Push blocks until there is room or the caller gives up.
func (q *Queue) Push(ctx context.Context, event Event) error {
	select {
	case q.events <- event:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
