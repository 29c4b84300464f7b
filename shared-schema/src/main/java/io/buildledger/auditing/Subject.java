package io.buildledger.auditing;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What a story is about.
 *
 * @param name a number of a request or a change, {@code BUILDER/NUMBER} of a build, else a name; a
 *     local worker is {@code MASTER/WORKER}
 */
public record Subject(Kind kind, String name) {

    /** As people call them, in small letters. */
    public enum Kind {
        REQUEST,
        CHANGE,
        BUILD,
        SCHEDULER,
        BUILDER,
        MASTER,
        WORKER,
        USER;

        /** As in {@code request}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern BUILD = Pattern.compile("(?s).+/\\d{1,18}");

    /**
     * @throws IllegalArgumentException if nothing of the kind is called so
     */
    public Subject {
        boolean isFit =
                switch (kind) {
                    case REQUEST, CHANGE -> NUMBER.matcher(name).matches();
                    case BUILD -> BUILD.matcher(name).matches();
                    case SCHEDULER, BUILDER, MASTER, WORKER, USER -> !name.isBlank();
                };
        if (!isFit) {
            throw new IllegalArgumentException(
                    "'%s' is not a %s: %s".formatted(name, kind.word(), expected(kind)));
        }
    }

    private static String expected(Kind kind) {
        return switch (kind) {
            case REQUEST, CHANGE -> "its number, such as 41";
            case BUILD -> "BUILDER/NUMBER, such as linux/12";
            case SCHEDULER, BUILDER, MASTER, WORKER, USER -> "its name";
        };
    }

    /**
     * @param kind a word, such as {@code request}
     * @throws IllegalArgumentException if there is no such kind, or nothing of it is called so
     */
    public static Subject of(String kind, String name) {
        return Arrays.stream(Kind.values())
                .filter(it -> it.word().equals(kind))
                .findFirst()
                .map(it -> new Subject(it, name))
                .orElseThrow(() ->
                        new IllegalArgumentException(
                                "there is no story of a '%s': it is one of %s"
                                        .formatted(kind, kinds())));
    }

    /** All kinds, for people. */
    public static String kinds() {
        return Arrays.stream(Kind.values()).map(Kind::word).collect(Collectors.joining(", "));
    }

    /** Of a request or a change, or of a build within its builder. */
    long number() {
        return Long.parseLong(name.substring(name.lastIndexOf('/') + 1));
    }

    /** Of a build. */
    String builder() {
        return name.substring(0, name.lastIndexOf('/'));
    }
}
