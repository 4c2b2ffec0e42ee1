package post.parcel.notifier;

import java.util.List;
import java.util.Optional;

/** Email, text message or app: what a person prefers and what works. */
public final class ChannelChooser {

    /** One way to reach somebody. */
    public interface Channel {
        boolean reaches(String person);

        int costInCents();
    }

    /** The cheapest channel that reaches the person, if any does. */
    public Optional<Channel> cheapestFor(String person, List<Channel> channels) {
        return channels.stream()
                .filter(channel -> channel.reaches(person))
                .min((a, b) -> Integer.compare(a.costInCents(), b.costInCents()));
    }
}
