package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.scheduler.serving.buildbot.Condition.Relation;
import io.buildledger.viewing.IndexWalks.Numbers;
import io.buildledger.viewing.IndexWalks.Times;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an address asks for, besides its path.
 *
 * @param fields that are wanted; none for all
 * @param properties names of those that are wanted, {@code *} for all; none for none
 * @param limit null where it is not given
 */
record Query(
        Kind kind,
        Set<String> fields,
        List<Condition> conditions,
        List<Order> order,
        int offset,
        @Nullable Integer limit,
        Set<String> properties) {

    record Order(String field, boolean descending) {}

    private static final Set<String> OF_ONE = Set.of("field", "property");

    /**
     * What is asked for of a list.
     *
     * @throws BadParameterException if something is asked for that there is not
     */
    static Query ofMany(Kind kind, HttpServletRequest request) {
        Set<String> fields = new LinkedHashSet<>();
        Set<String> properties = new LinkedHashSet<>();
        List<Condition> conditions = new ArrayList<>();
        List<Order> order = new ArrayList<>();
        int offset = 0;
        Integer limit = null;
        for (var parameter : request.getParameterMap().entrySet()) {
            String name = parameter.getKey();
            List<String> texts = Arrays.asList(parameter.getValue());
            switch (name) {
                case "field" -> texts.forEach(it -> fields.add(known(kind, name, it).name()));
                case "order" -> texts.forEach(it -> order.add(order(kind, it)));
                case "offset" -> offset = count(name, texts);
                case "limit" -> limit = count(name, texts);
                case "property" -> {
                    if (!kind.hasProperties()) {
                        throw unrecognized(name);
                    }
                    properties.addAll(texts);
                }
                default -> conditions.add(condition(kind, name, texts));
            }
        }
        return new Query(kind, fields, conditions, order, offset, limit, properties);
    }

    /**
     * What is asked for of one thing: fields and properties alone.
     *
     * @throws BadParameterException if something else is
     */
    static Query ofOne(Kind kind, HttpServletRequest request) {
        request.getParameterMap().keySet().stream()
                .filter(it -> !OF_ONE.contains(it))
                .findFirst()
                .ifPresent(it -> {
                    throw unrecognized(it);
                });
        return ofMany(kind, request);
    }

    private static Field known(Kind kind, String parameter, String name) {
        return kind.field(name)
                .orElseThrow(() ->
                        new BadParameterException(
                                "%s: there is no field '%s'; known are %s"
                                        .formatted(
                                                parameter,
                                                name,
                                                kind.fields().stream()
                                                        .map(Field::name)
                                                        .collect(Collectors.joining(", ")))));
    }

    private static Order order(Kind kind, String text) {
        boolean descending = text.startsWith("-");
        Field field = known(kind, "order", descending ? text.substring(1) : text);
        if (!field.type().isOrdered()) {
            throw new BadParameterException(
                    "order: nothing can be ordered by '%s'".formatted(field.name()));
        }
        return new Order(field.name(), descending);
    }

    private static int count(String name, List<String> texts) {
        try {
            int count = Integer.parseInt(texts.getLast());
            if (count >= 0) {
                return count;
            }
        } catch (NumberFormatException e) {
            // Told like any other that is out of range.
        }
        throw new BadParameterException(
                "%s: '%s' is not a whole number from 0 to %d"
                        .formatted(name, texts.getLast(), Integer.MAX_VALUE));
    }

    private static Condition condition(Kind kind, String name, List<String> texts) {
        int operator = name.lastIndexOf("__");
        try {
            Relation relation =
                    operator < 0 ? Relation.EQ : Relation.of(name.substring(operator + 2));
            Field field =
                    kind.field(operator < 0 ? name : name.substring(0, operator))
                            .orElseThrow(() -> unrecognized(name));
            return Condition.of(name, field, relation, texts);
        } catch (IllegalArgumentException e) {
            throw unrecognized(name);
        }
    }

    /** Buildbot's words for it, by which programs may know it. */
    private static BadParameterException unrecognized(String name) {
        return new BadParameterException("unrecognized query parameter '%s'".formatted(name));
    }

    /**
     * @throws BadParameterException if a list is to be chosen or ordered by what only the log has
     */
    void requireFieldsOfViews() {
        Stream.concat(
                        conditions.stream().map(it -> it.field().name()),
                        order.stream().map(Order::field))
                .filter(kind.inLogAlone()::contains)
                .findFirst()
                .ifPresent(it -> {
                    throw new BadParameterException(
                            "%s: only the log has it, and %s are too many to be read there"
                                    .formatted(it, kind.plural()));
                });
    }

    /** Whether a field is wanted. */
    boolean wants(String field) {
        return fields.isEmpty() || fields.contains(field);
    }

    boolean matches(Row row) {
        return conditions.stream().allMatch(it -> it.matches(row));
    }

    /** The same without some conditions, which are met in another way. */
    Query without(Predicate<Condition> met) {
        return new Query(
                kind,
                fields,
                conditions.stream().filter(met.negate()).toList(),
                order,
                offset,
                limit,
                properties);
    }

    /** The values of which a field must have one, if it is so asked for. */
    Optional<List<Comparable<?>>> oneOf(String field) {
        return conditions.stream()
                .filter(it ->
                        it.field().name().equals(field)
                                && (it.relation() == Relation.EQ || it.relation() == Relation.IN))
                .map(Condition::values)
                .findFirst();
    }

    /** The one value that a field must have, if it is so asked for. */
    Optional<Comparable<?>> only(String field) {
        return conditions.stream()
                .filter(it -> it.isOneOf(field))
                .<Comparable<?>>map(it -> it.values().getFirst())
                .findFirst();
    }

    OptionalLong onlyNumber(String field) {
        return only(field).orElse(null) instanceof Long number
                ? OptionalLong.of(number)
                : OptionalLong.empty();
    }

    boolean isOnly(String field, Object value) {
        return only(field).filter(value::equals).isPresent();
    }

    /** The numbers that all conditions on a field leave. */
    Numbers range(String name) {
        long from = Long.MIN_VALUE;
        long to = Long.MAX_VALUE;
        for (Condition condition : conditions) {
            if (condition.field().name().equals(name)
                    && condition.isRange()
                    && condition.values().getFirst() instanceof Long value) {
                switch (condition.relation()) {
                    case EQ -> {
                        from = Math.max(from, value);
                        to = Math.min(to, value);
                    }
                    case LT -> to = Math.min(to, value == Long.MIN_VALUE ? value : value - 1);
                    case LE -> to = Math.min(to, value);
                    case GT -> from = Math.max(from, value == Long.MAX_VALUE ? value : value + 1);
                    case GE -> from = Math.max(from, value);
                    default -> throw new IllegalStateException("no range: " + condition);
                }
            }
        }
        return new Numbers(from, to);
    }

    /** The times that all conditions on a field leave, which is told in whole seconds. */
    Times times(String name) {
        Numbers seconds = range(name);
        Instant from = Times.ALL.from();
        Instant to = Times.ALL.to();
        if (seconds.from() > from.getEpochSecond()) {
            from = Instant.ofEpochSecond(Math.min(seconds.from(), to.getEpochSecond()));
        }
        if (seconds.to() < to.getEpochSecond()) {
            to =
                    Instant.ofEpochSecond(
                            Math.max(seconds.to(), Times.ALL.from().getEpochSecond()) + 1);
        }
        return new Times(from, to);
    }

    /** Whether nothing is asked for but ranges of these fields. */
    boolean hasOnlyRangesOf(Set<String> names) {
        return conditions.stream()
                .allMatch(it -> it.isRange() && names.contains(it.field().name()));
    }

    /** Whether it is one of these fields that comes first in the order, or none is asked for. */
    boolean isOrderedBy(List<String> names) {
        return order.isEmpty() || names.contains(order.getFirst().field());
    }

    /** By all that the list is to be ordered by; the order that it has where that is nothing. */
    Comparator<Row> comparator() {
        Comparator<Row> all = (_, _) -> 0;
        for (Order by : order) {
            Comparator<Row> next =
                    (one, other) ->
                            Condition.compare(one.value(by.field()), other.value(by.field()));
            all = all.thenComparing(by.descending() ? next.reversed() : next);
        }
        return all;
    }
}
