package io.buildledger.scheduler.commandline;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Times as people write them on the command line. */
record GivenTime(Instant now, ZoneId zone) {

    /** What a time may look like, for the description of an option. */
    static final String DESCRIPTION =
            "2026-10-01T03:12:00Z, or '2026-10-01 03:12' or 2026-10-01 in this machine's zone, or so long ago: 30d, 12h, 15m";

    private static final Pattern AGE = Pattern.compile("(\\d{1,6})([dhm])");

    static GivenTime here() {
        return new GivenTime(Instant.now(), ZoneId.systemDefault());
    }

    /**
     * @param option that it was given to, for the message
     * @throws IllegalArgumentException if it is no time; the message is for people
     */
    Instant read(String option, String text) {
        Matcher age = AGE.matcher(text);
        if (age.matches()) {
            return now.minus(age(Long.parseLong(age.group(1)), age.group(2)));
        }
        return iso(option, text, "for so long ago");
    }

    private Instant iso(String option, String text, String age) {
        String iso = text.strip().replace(' ', 'T');
        try {
            return OffsetDateTime.parse(iso).toInstant();
        } catch (DateTimeException e) {
            return local(option, text, iso, age);
        }
    }

    /**
     * A time that is yet to come.
     *
     * @param text as for {@link #read}, but that {@code 90d} is in so long a time
     * @throws IllegalArgumentException if it is no time, or has been; the message is for people
     */
    Instant readAhead(String option, String text) {
        Matcher age = AGE.matcher(text);
        Instant time =
                age.matches()
                        ? now.plus(age(Long.parseLong(age.group(1)), age.group(2)))
                        : iso(option, text, "for so long from now");
        if (!now.isBefore(time)) {
            throw new IllegalArgumentException("%s: %s is over already".formatted(option, text));
        }
        return time;
    }

    private static Duration age(long count, String unit) {
        return switch (unit) {
            case "d" -> Duration.ofDays(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofMinutes(count);
        };
    }

    private Instant local(String option, String text, String iso, String age) {
        try {
            return (iso.contains("T")
                            ? LocalDateTime.parse(iso)
                            : LocalDate.parse(iso).atStartOfDay())
                    .atZone(zone)
                    .toInstant();
        } catch (DateTimeException e) {
            throw new IllegalArgumentException(
                    "%s: '%s' is no time: write it like 2026-10-01T03:12:00Z, or '2026-10-01 03:12' for this machine's zone, or 30d %s"
                            .formatted(option, text, age),
                    e);
        }
    }
}
