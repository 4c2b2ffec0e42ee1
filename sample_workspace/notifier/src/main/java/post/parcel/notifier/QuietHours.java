package post.parcel.notifier;

import java.time.LocalTime;
import java.time.ZonedDateTime;

/** Nobody wants a text message at three in the morning. */
public record QuietHours(LocalTime from, LocalTime until) {

    /** The moment itself if people are awake then, else the end of the night in their own time zone. */
    public ZonedDateTime postpone(ZonedDateTime moment) {
        LocalTime time = moment.toLocalTime();
        boolean overnight = from.isAfter(until);
        boolean quiet = overnight
                ? !time.isBefore(from) || time.isBefore(until)
                : !time.isBefore(from) && time.isBefore(until);
        if (!quiet) {
            return moment;
        }
        ZonedDateTime morning = moment.with(until);
        return morning.isAfter(moment) ? morning : morning.plusDays(1);
    }
}
