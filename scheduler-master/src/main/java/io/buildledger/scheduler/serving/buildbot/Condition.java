package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.BadParameterException;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * What a field must be like.
 *
 * @param values of the field's type; one of them is enough, and for {@link Relation#NE} none may be
 *     it
 */
record Condition(Field field, Relation relation, List<Comparable<?>> values) {

    enum Relation {
        EQ,
        NE,
        LT,
        LE,
        GT,
        GE,
        CONTAINS,
        /** As EQ and NE, in words that some programs use. */
        IN,
        NOTIN;

        /**
         * @throws IllegalArgumentException if there is none of this name
         */
        static Relation of(String name) {
            return valueOf(name.toUpperCase(Locale.ROOT));
        }
    }

    /**
     * @throws BadParameterException if a text can't be a value of the field
     */
    static Condition of(String parameter, Field field, Relation relation, List<String> texts) {
        if (!field.type().isOrdered() && relation != Relation.CONTAINS) {
            throw new BadParameterException(
                    "%s: %s can be asked for by __contains alone"
                            .formatted(parameter, field.name()));
        }
        return new Condition(
                field,
                relation,
                texts.stream()
                        .<Comparable<?>>map(text ->
                                relation == Relation.CONTAINS
                                        ? text
                                        : value(parameter, field, text))
                        .toList());
    }

    private static Comparable<?> value(String parameter, Field field, String text) {
        return switch (field.type()) {
            case INTEGER -> integer(parameter, text);
            case BOOLEAN -> bool(parameter, text);
            default -> text;
        };
    }

    private static Long integer(String parameter, String text) {
        try {
            return Long.valueOf(text);
        } catch (NumberFormatException e) {
            throw new BadParameterException(
                    "%s: '%s' is not a whole number".formatted(parameter, text));
        }
    }

    private static Boolean bool(String parameter, String text) {
        return switch (text.toLowerCase(Locale.ROOT)) {
            case "on", "true", "yes", "1" -> true;
            case "off", "false", "no", "0" -> false;
            default ->
                    throw new BadParameterException(
                            "%s: '%s' is neither true nor false".formatted(parameter, text));
        };
    }

    /** Whether it asks for one value of a field. */
    boolean isOneOf(String name) {
        return field.name().equals(name) && relation == Relation.EQ && values.size() == 1;
    }

    /** Whether it leaves a range of the field's values, from one to another. */
    boolean isRange() {
        return values.size() == 1
                && switch (relation) {
                    case EQ, LT, LE, GT, GE -> true;
                    case NE, CONTAINS, IN, NOTIN -> false;
                };
    }

    boolean matches(Row row) {
        @Nullable Object value = row.value(field.name());
        return switch (relation) {
            case NE, NOTIN -> values.stream().noneMatch(it -> it.equals(value));
            case EQ, IN -> values.stream().anyMatch(it -> it.equals(value));
            case CONTAINS -> values.stream().anyMatch(it -> contains(value, String.valueOf(it)));
            case LT -> anyCompares(value, it -> it < 0);
            case LE -> anyCompares(value, it -> it <= 0);
            case GT -> anyCompares(value, it -> it > 0);
            case GE -> anyCompares(value, it -> it >= 0);
        };
    }

    private boolean anyCompares(@Nullable Object value, IntPredicate wanted) {
        return value != null && values.stream().anyMatch(it -> wanted.test(compare(value, it)));
    }

    private static boolean contains(@Nullable Object value, String part) {
        return switch (value) {
            case null -> false;
            case Collection<?> list ->
                    list.stream().anyMatch(it -> String.valueOf(it).equals(part));
            default -> String.valueOf(value).contains(part);
        };
    }

    /** Two values of one field; a null is before all others. */
    static int compare(@Nullable Object one, @Nullable Object other) {
        if (one == null || other == null) {
            return Boolean.compare(one != null, other != null);
        }
        return switch (one) {
            case Long number when other instanceof Long another -> number.compareTo(another);
            case Boolean flag when other instanceof Boolean another -> flag.compareTo(another);
            default -> String.valueOf(one).compareTo(String.valueOf(other));
        };
    }
}
