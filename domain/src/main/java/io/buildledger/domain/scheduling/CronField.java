package io.buildledger.domain.scheduling;

import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The fields of a {@link Cron} line, in its order: what each may say, as a set of bits. */
enum CronField {
    /** Bit n is minute n. */
    MINUTE("minute", 0, 59, 59, "", "0 to 59"),
    /** Bit n is hour n. */
    HOUR("hour", 0, 23, 23, "", "0 to 23"),
    /** Bit n is the n-th of a month; see {@link #LAST_DAY}. */
    DAY_OF_MONTH("day_of_month", 1, 31, 31, "", "1 to 31, or L for the last day"),
    /** Bit n is month n. */
    MONTH(
            "month",
            1,
            12,
            12,
            "jan feb mar apr may jun jul aug sep oct nov dec",
            "1 to 12, or jan to dec"),
    /** The bits are those of {@link #weekday}. */
    DAY_OF_WEEK(
            "day_of_week",
            0,
            6,
            7,
            "sun mon tue wed thu fri sat",
            "0 to 7, both of which are Sunday, or sun to sat");

    /** The bit of a month's last day. */
    static final long LAST_DAY = 1;

    static final int WEEKDAYS = 7;

    /** The week in which a month's last weekdays are, whichever it is. */
    static final int LAST_WEEK = 6;

    private static final int WEEKS = 5;
    private static final Pattern BLANK = Pattern.compile("\\s");
    private static final Pattern ITEM =
            Pattern.compile(
                    "(?<from>\\*|L?[0-9]+|[a-z]+)(-(?<to>[0-9]+|[a-z]+))?"
                            + "(#(?<week>[0-9]+))?(/(?<step>[0-9]+))?",
                    Pattern.CASE_INSENSITIVE);

    private final String name;
    private final int first;
    private final int last;

    /** The highest number that may be written: among the weekdays 7, which is the first again. */
    private final int highest;

    private final String names;
    private final String right;

    CronField(String name, int first, int last, int highest, String names, String right) {
        this.name = name;
        this.first = first;
        this.last = last;
        this.highest = highest;
        this.names = names;
        this.right = right;
    }

    /**
     * What the text says.
     *
     * @throws IllegalArgumentException with the field, what is wrong in it and what would be right
     */
    long parse(String text) {
        if (BLANK.matcher(text).find()) {
            throw wrong(
                    "'%s' has a blank in it: a list is written as %d,%d"
                            .formatted(text, first, last));
        }
        long bits = 0;
        for (String item : text.split(",", -1)) {
            bits |= item(item);
        }
        return bits;
    }

    /**
     * The bit of a weekday in a week of the month: the first Monday is in the first week.
     *
     * @param weekday 0 (Sunday) to 6
     * @param week 1 to 5, or {@link #LAST_WEEK}
     */
    static long weekday(int weekday, int week) {
        return 1L << (WEEKDAYS * (week - 1) + weekday);
    }

    private long item(String item) {
        Matcher matcher = ITEM.matcher(item);
        if (!matcher.matches()) {
            throw misunderstood(item);
        }
        String from = matcher.group("from");
        String to = matcher.group("to");
        String week = matcher.group("week");
        String step = matcher.group("step");
        if (to == null && week == null && step == null) {
            if (this == DAY_OF_MONTH && isLast(from)) {
                return LAST_DAY;
            }
            if (this == DAY_OF_WEEK && isLast(from.substring(0, 1))) {
                return lastWeekday(from);
            }
        }
        boolean all = from.equals("*");
        if (all && to != null) {
            throw misunderstood(item);
        }
        if (week != null && (this != DAY_OF_WEEK || all || step != null)) {
            throw misunderstood(item);
        }
        int start = all ? first : value(from);
        int end = start;
        if (to != null) {
            end = this == DAY_OF_MONTH && isLast(to) ? last : value(to);
        } else if (all || step != null) {
            start = turned(start);
            end = last;
        }
        if (end < start) {
            end += size();
        }
        int stride = step == null ? 1 : number("step ", step, 1, size(), "1 to " + size());
        long bits = 0;
        for (int value = start; value <= end; value += stride) {
            bits |= bits(turned(value), week);
        }
        return bits;
    }

    private long lastWeekday(String item) {
        if (item.length() == 1) {
            throw wrong("'%s' lacks its weekday: L5 is the last Friday".formatted(item));
        }
        return weekday(turned(value(item.substring(1))), LAST_WEEK);
    }

    private long bits(int value, @Nullable String week) {
        if (this != DAY_OF_WEEK) {
            return 1L << value;
        }
        if (week != null) {
            return weekday(value, number("week ", week, 1, WEEKS, "1 to " + WEEKS));
        }
        long bits = 0;
        for (int any = 1; any <= WEEKS; any++) {
            bits |= weekday(value, any);
        }
        return bits;
    }

    private int value(String text) {
        int index = List.of(names.split(" ", -1)).indexOf(text.toLowerCase(Locale.ROOT));
        if (index >= 0) {
            return first + index;
        }
        if (!Character.isDigit(text.charAt(0))) {
            throw wrong("'%s' is not known: %s".formatted(text, right));
        }
        return number("", text, first, highest, right);
    }

    private int number(String what, String digits, int lowest, int highest, String right) {
        // More digits may be more than an int holds.
        int number = digits.length() > 9 ? Integer.MAX_VALUE : Integer.parseInt(digits);
        if (number < lowest || number > highest) {
            throw wrong("%s'%s' is out of range: %s".formatted(what, digits, right));
        }
        return number;
    }

    private static boolean isLast(String text) {
        return text.equalsIgnoreCase("L");
    }

    private int size() {
        return last - first + 1;
    }

    /** The value on the field's dial, where the first comes after the last. */
    private int turned(int value) {
        return first + (value - first) % size();
    }

    private IllegalArgumentException misunderstood(String item) {
        return wrong(
                "'%s' is not understood: %s; a range as %d-%d, a step as */2, or *"
                        .formatted(item, right, first, last));
    }

    private IllegalArgumentException wrong(String message) {
        return new IllegalArgumentException(name + ": " + message);
    }
}
