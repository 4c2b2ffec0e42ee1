package post.parcel.notifier;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Fills in the blanks of a message. */
public final class TemplateRenderer {
    private static final Pattern BLANK = Pattern.compile("\\{\\{\\s*(\\w+)\\s*}}");

    /** Replaces every {{name}} by its value; a name without a value is a mistake of ours, not the reader's. */
    public String render(String template, Map<String, String> values) {
        Matcher matcher = BLANK.matcher(template);
        StringBuilder text = new StringBuilder();
        while (matcher.find()) {
            String value = values.get(matcher.group(1));
            if (value == null) {
                throw new IllegalArgumentException("no value for " + matcher.group(1));
            }
            matcher.appendReplacement(text, Matcher.quoteReplacement(value));
        }
        return matcher.appendTail(text).toString();
    }
}
