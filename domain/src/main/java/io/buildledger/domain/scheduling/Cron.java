package io.buildledger.domain.scheduling;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * When something is due by the clock on the wall, as a line of cron says it.
 *
 * <p><b>The line</b> has five fields: {@code minute hour day_of_month month day_of_week}. A
 * nickname stands for five: {@code @hourly}, {@code @daily} or {@code @midnight}, {@code @weekly}
 * (Sunday at midnight), {@code @monthly}, {@code @yearly} or {@code @annually}. A field is a list
 * of items with commas and without blanks. Letters may be of either case. An item is
 *
 * <ul>
 *   <li>{@code *}, every value;
 *   <li>a number, or a month or weekday by the first three letters of its English name. January is
 *       1; Sunday is 0 and 7, wherever a weekday can stand;
 *   <li>a range with both its ends, as {@code mon-fri}. One that ends below its start goes on from
 *       the field's first value: {@code 22-2}, {@code sat-sun};
 *   <li>{@code *} or a range with a step, which counts from the first value: <code>*&#47;15</code>,
 *       {@code 1-30/2}. A number with a step is a range to the field's last value, Saturday among
 *       the weekdays: {@code 5/10} is {@code 5-59/10} in the minutes. A step longer than the field
 *       is refused: <code>*&#47;90</code> would not mean 90 minutes;
 *   <li>as day of the month {@code L}, the last one, also at the end of a range: {@code 25-L};
 *   <li>as day of the week {@code mon#2} or {@code 1#2}, the second Monday of the month, and {@code
 *       Lfri} or {@code L5}, the last Friday.
 * </ul>
 *
 * <p><b>The two day fields:</b> where neither begins with {@code *}, either is enough, else both
 * must hold. With {@code 1} and {@code mon} it is due on the first of the month and on each Monday,
 * with <code>*&#47;2</code> and {@code mon} on the Mondays with an odd date.
 *
 * <p><b>When the clock is changed</b>, it depends on the hours. Those that are listed (the field
 * does not begin with {@code *}; {@code 0-23} is a list, too) mean times of the day, each once:
 *
 * <ul>
 *   <li>A time that the clock skips is due at the end of the gap, the first instant that exists.
 *       Several such times, and one that is due at that instant anyway, are due once together.
 *   <li>A time that the clock shows twice is due the first time.
 * </ul>
 *
 * <p>Hours that are a wildcard (the field begins with {@code *}) mean time that passes:
 *
 * <ul>
 *   <li>Each instant is due whose local time matches, also the second one with the same local time.
 *       <code>*&#47;30 * * * *</code> is due every half hour through both changes, and <code>
 *       0 *&#47;2 * * *</code> twice where the clock shows 2:00 twice.
 *   <li>A time that the clock skips is made up for only where it would be lost, at the end of the
 *       gap. It is not lost where the time that the clock shows instead, later by the length of the
 *       gap, matches as well. Where the clock skips 2:00 to 3:00, {@code 15 * * * *} is due at 3:15
 *       and not at 3:00 besides, and <code>0 *&#47;2 * * *</code> at 3:00.
 * </ul>
 *
 * <p>A change may have any length, as the day that Samoa left out, and come at any time of the day.
 *
 * <p>Two lines are equal when their fields are written alike; a nickname is written as its fields.
 */
public final class Cron {

    private static final Pattern BLANKS = Pattern.compile("\\s+");

    private static final int MINUTES_OF_HOUR = 60;
    private static final int MINUTES_OF_DAY = 24 * MINUTES_OF_HOUR;
    private static final int SECONDS_OF_MINUTE = 60;

    /** The calendar with its weekdays repeats after 400 years: what did not come by then, won't. */
    private static final int MONTHS_OF_CALENDAR = 400 * 12;

    /** Longer than any change of a clock, so that local time surely goes on within it. */
    private static final long LONGER_THAN_ANY_CHANGE = 3L * MINUTES_OF_DAY * SECONDS_OF_MINUTE;

    private static final long NEVER = Long.MAX_VALUE;
    private static final int NOT_THIS_DAY = -1;

    private final String line;
    private final long minutes;
    private final long hours;
    private final long daysOfMonth;
    private final long months;
    private final long daysOfWeek;
    private final boolean hoursAreWildcard;
    private final boolean eitherDay;

    private Cron(String minute, String hour, String dayOfMonth, String month, String dayOfWeek) {
        List<String> problems = new ArrayList<>();
        minutes = parse(CronField.MINUTE, minute, problems);
        hours = parse(CronField.HOUR, hour, problems);
        daysOfMonth = parse(CronField.DAY_OF_MONTH, dayOfMonth, problems);
        months = parse(CronField.MONTH, month, problems);
        daysOfWeek = parse(CronField.DAY_OF_WEEK, dayOfWeek, problems);
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", problems));
        }
        line = String.join(" ", minute, hour, dayOfMonth, month, dayOfWeek);
        hoursAreWildcard = hour.startsWith("*");
        eitherDay = !dayOfMonth.startsWith("*") && !dayOfWeek.startsWith("*");
    }

    /**
     * What the line says.
     *
     * @throws IllegalArgumentException with each field that is wrong, what is wrong in it and what
     *     would be right
     */
    public static Cron parse(String line) {
        String stripped = line.strip();
        String fields =
                switch (stripped.toLowerCase(Locale.ROOT)) {
                    case "@hourly" -> "0 * * * *";
                    case "@daily", "@midnight" -> "0 0 * * *";
                    case "@weekly" -> "0 0 * * 0";
                    case "@monthly" -> "0 0 1 * *";
                    case "@yearly", "@annually" -> "0 0 1 1 *";
                    default -> stripped;
                };
        if (fields.startsWith("@")) {
            throw new IllegalArgumentException(
                    "cron: '%s' is not known: @hourly, @daily, @midnight, @weekly, @monthly,"
                                    .formatted(stripped)
                            + " @yearly or @annually");
        }
        String[] field = BLANKS.split(fields, -1);
        if (field.length != 5) {
            throw new IllegalArgumentException(
                    "cron: '%s' is not five fields: minute hour day_of_month month day_of_week"
                            .formatted(stripped));
        }
        return new Cron(field[0], field[1], field[2], field[3], field[4]);
    }

    /**
     * What the fields say; blanks around them don't count.
     *
     * @throws IllegalArgumentException with each field that is wrong, what is wrong in it and what
     *     would be right
     */
    public static Cron of(
            String minute, String hour, String dayOfMonth, String month, String dayOfWeek) {
        return new Cron(
                minute.strip(), hour.strip(), dayOfMonth.strip(), month.strip(), dayOfWeek.strip());
    }

    /**
     * The first moment after the given one, which does not count itself; empty where none ever
     * comes (30 February). It takes microseconds, and about a millisecond at most to see that there
     * is none.
     *
     * @throws java.time.DateTimeException within 400 years of the ends of {@code java.time}'s time
     */
    public Optional<Instant> next(Instant after, ZoneId zone) {
        ZoneRules rules = zone.getRules();
        long now = after.getEpochSecond();
        long offset = rules.getOffset(after).getTotalSeconds();
        long from = Math.floorDiv(now + offset, SECONDS_OF_MINUTE) + 1;
        if (!hoursAreWildcard) {
            from = Math.max(from, firstMinuteNotYetShown(rules, after));
        }
        while (true) {
            long match = nextMatch(from);
            if (match == NEVER) {
                return Optional.empty();
            }
            long due = match * SECONDS_OF_MINUTE - offset;
            ZoneOffsetTransition change = rules.nextTransition(Instant.ofEpochSecond(now));
            if (change == null || due < change.toEpochSecond()) {
                return Optional.of(Instant.ofEpochSecond(due));
            }
            long shortlyBefore = due - LONGER_THAN_ANY_CHANGE;
            if (shortlyBefore > now && change.toEpochSecond() > now + LONGER_THAN_ANY_CHANGE) {
                // No change until then shows again what was searched, or skips what matches.
                now = shortlyBefore;
                offset = rules.getOffset(Instant.ofEpochSecond(now)).getTotalSeconds();
                from = match;
            } else if (isDueAfterGap(change, match)) {
                return Optional.of(change.getInstant());
            } else {
                now = change.toEpochSecond();
                offset = change.getOffsetAfter().getTotalSeconds();
                from = hoursAreWildcard ? firstMinuteFrom(now + offset) : match;
            }
        }
    }

    /** The local minute that no local time before the instant has reached. */
    private static long firstMinuteNotYetShown(ZoneRules rules, Instant instant) {
        long earliest = instant.getEpochSecond() - LONGER_THAN_ANY_CHANGE;
        long minute = Long.MIN_VALUE;
        ZoneOffsetTransition change = rules.previousTransition(instant.plusNanos(1));
        while (change != null && change.toEpochSecond() > earliest) {
            long reached = change.toEpochSecond() + change.getOffsetBefore().getTotalSeconds();
            minute = Math.max(minute, firstMinuteFrom(reached));
            change = rules.previousTransition(change.getInstant());
        }
        return minute;
    }

    /** Whether the change skips the match, or another after it, that is to be made up for. */
    private boolean isDueAfterGap(ZoneOffsetTransition change, long match) {
        long end = change.toEpochSecond() + change.getOffsetAfter().getTotalSeconds();
        long gap = change.getDuration().toSeconds();
        for (long skipped = match;
                skipped * SECONDS_OF_MINUTE < end;
                skipped = nextMatch(skipped + 1)) {
            if (!hoursAreWildcard || !matches(skipped * SECONDS_OF_MINUTE + gap)) {
                return true;
            }
        }
        return false;
    }

    private boolean matches(long localSecond) {
        long minute = firstMinuteFrom(localSecond);
        return minute * SECONDS_OF_MINUTE == localSecond && nextMatch(minute) == minute;
    }

    private static long firstMinuteFrom(long localSecond) {
        return Math.ceilDiv(localSecond, SECONDS_OF_MINUTE);
    }

    /** The first local minute that matches, from the given one on, both counted from 1970. */
    private long nextMatch(long from) {
        long today = Math.floorDiv(from, MINUTES_OF_DAY);
        int time = nextTime(Math.floorMod(from, MINUTES_OF_DAY));
        long day = nextDay(time == NOT_THIS_DAY ? today + 1 : today);
        if (day == NEVER) {
            return NEVER;
        }
        return day * MINUTES_OF_DAY + (day == today ? time : nextTime(0));
    }

    /** The first minute of a day that matches, from the given one on. */
    private int nextTime(int from) {
        int hour = from / MINUTES_OF_HOUR;
        long rest = minutes & from(from % MINUTES_OF_HOUR);
        if (has(hours, hour) && rest != 0) {
            return hour * MINUTES_OF_HOUR + Long.numberOfTrailingZeros(rest);
        }
        long later = hours & from(hour + 1);
        return later == 0
                ? NOT_THIS_DAY
                : Long.numberOfTrailingZeros(later) * MINUTES_OF_HOUR
                        + Long.numberOfTrailingZeros(minutes);
    }

    /** The first day that matches, from the given one on, both counted from 1970. */
    private long nextDay(long from) {
        LocalDate start = LocalDate.ofEpochDay(from);
        int year = start.getYear();
        int month = start.getMonthValue();
        long wanted = from(start.getDayOfMonth());
        // The month of the start is met a second time at the end, for its days before the start.
        for (int count = 0; count <= MONTHS_OF_CALENDAR; count++) {
            if (has(months, month)) {
                LocalDate first = LocalDate.of(year, month, 1);
                long days = days(first) & wanted;
                if (days != 0) {
                    return first.toEpochDay() + Long.numberOfTrailingZeros(days) - 1;
                }
            }
            wanted = from(1);
            year += month / 12;
            month = month % 12 + 1;
        }
        return NEVER;
    }

    /** The days of a month that match, bit n for the n-th. */
    private long days(LocalDate first) {
        int length = first.lengthOfMonth();
        long byDate = daysOfMonth & from(1) & ~from(length + 1);
        if ((daysOfMonth & CronField.LAST_DAY) != 0) {
            byDate |= 1L << length;
        }
        long byWeekday = 0;
        int weekday = first.getDayOfWeek().getValue() % CronField.WEEKDAYS;
        for (int day = 1; day <= length; day++) {
            long meant = CronField.weekday(weekday, 1 + (day - 1) / CronField.WEEKDAYS);
            if (day + CronField.WEEKDAYS > length) {
                meant |= CronField.weekday(weekday, CronField.LAST_WEEK);
            }
            if ((daysOfWeek & meant) != 0) {
                byWeekday |= 1L << day;
            }
            weekday = (weekday + 1) % CronField.WEEKDAYS;
        }
        return eitherDay ? byDate | byWeekday : byDate & byWeekday;
    }

    private static long from(int bit) {
        return -1L << bit;
    }

    private static boolean has(long bits, int bit) {
        return (bits >>> bit & 1) != 0;
    }

    private static long parse(CronField field, String text, List<String> problems) {
        try {
            return field.parse(text);
        } catch (IllegalArgumentException e) {
            problems.add(e.getMessage());
            return 0;
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Cron cron && line.equals(cron.line);
    }

    @Override
    public int hashCode() {
        return line.hashCode();
    }

    /** The five fields as they were written, one blank between them. */
    @Override
    public String toString() {
        return line;
    }
}
