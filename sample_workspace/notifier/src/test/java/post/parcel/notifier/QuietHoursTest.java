package post.parcel.notifier;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.LocalTime;
import java.time.ZonedDateTime;
import org.junit.jupiter.api.Test;

class QuietHoursTest {
    @Test
    void nightIsPostponedToTheMorning() {
        QuietHours hours = new QuietHours(LocalTime.of(22, 0), LocalTime.of(7, 0));
        ZonedDateTime night = ZonedDateTime.parse("2026-03-01T03:00:00Z");
        assertEquals(ZonedDateTime.parse("2026-03-01T07:00:00Z"), hours.postpone(night));
    }
}
