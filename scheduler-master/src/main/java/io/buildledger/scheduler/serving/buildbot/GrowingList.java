package io.buildledger.scheduler.serving.buildbot;

import io.buildledger.scheduler.serving.BadParameterException;
import io.buildledger.viewing.IndexWalks.Walk;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A page of a list that only grows. It is read along an index, and what no index tells is looked
 * for among a bounded number of rows, so that no question costs as much as the list is long.
 *
 * @param <T> what the list is of
 * @param walk the list along an index
 * @param ordered by which fields its order is one; the first is the one that it has if nothing else
 *     is said
 * @param served fields of which the walk takes in all ranges that are asked for
 * @param nearly fields whose order is so near to that of the walk that what is first by them is
 *     looked for among the first that it finds
 * @param isWhole whether a walk is short enough for any order
 */
record GrowingList<T>(
        Function<Walk, List<T>> walk,
        List<String> ordered,
        Set<String> served,
        Set<String> nearly,
        boolean isWhole) {

    /** So many rows are looked at for one question. */
    static final int LOOKED_AT = 5000;

    /** So many are told at most. */
    static final int MOST = 1000;

    /** So many are told at most of what is read from the log for each. */
    static final int MOST_FROM_LOG = 200;

    /** So many are told if it is not said how many. */
    static final int USUAL = 100;

    private static final int FEW = 200;

    GrowingList(
            Function<Walk, List<T>> walk,
            List<String> ordered,
            Set<String> served,
            boolean isWhole) {
        this(walk, ordered, served, Set.of(), isWhole);
    }

    /** A page of the list, and what is to be said of it. */
    record Page<T>(List<T> items, Map<String, Object> meta) {}

    /**
     * @param row as which the conditions know an item
     * @param also what else must be true
     * @throws BadParameterException if it is to be in an order that no index has, or begins too far
     *     behind, or if something is asked for that only the log has
     */
    Page<T> of(Query query, int most, Function<T, Row> row, Predicate<T> also) {
        query.requireFieldsOfViews();
        boolean isNewestAscending =
                query.limit() == null && query.offset() == 0 && query.order().isEmpty();
        int limit = Math.min(query.limit() == null ? USUAL : query.limit(), most);
        long end = (long) query.offset() + limit;
        if (end > LOOKED_AT) {
            throw new BadParameterException(
                    "offset: a page ends at %d at most; go on with %s__lt or %s__gt"
                            .formatted(LOOKED_AT, ordered.getFirst(), ordered.getFirst()));
        }
        Predicate<T> wanted = also.and(item -> query.matches(row.apply(item)));
        boolean isSorted =
                !query.order().isEmpty()
                        && (isWhole || nearly.contains(query.order().getFirst().field()));
        Found<T> found =
                isSorted
                        ? sorted(query, row, wanted)
                        : walked(query, (int) end, isNewestAscending, wanted);
        int count = found.items().size();
        List<T> items =
                new ArrayList<>(
                        found.items()
                                .subList(
                                        Math.min(query.offset(), count),
                                        (int) Math.min(end, count)));
        if (isNewestAscending && !isWhole) {
            Collections.reverse(items);
        }
        Map<String, Object> meta = new HashMap<>();
        if (found.isAll()) {
            meta.put("total", (long) count);
        }
        boolean isMore = count > end || !found.isAll();
        boolean isLess = items.size() < limit || query.limit() == null || query.limit() > limit;
        if ((isMore && isLess) || (isSorted && !found.isAll())) {
            meta.put("incomplete", true);
        }
        return new Page<>(items, meta);
    }

    /**
     * What of a list is wanted, from its beginning on.
     *
     * @param isAll whether there is certainly nothing behind it
     */
    private record Found<T>(List<T> items, boolean isAll) {}

    private record Told<T>(T item, Row row) {}

    private Found<T> sorted(Query query, Function<T, Row> row, Predicate<T> wanted) {
        boolean isFromNewest = !isWhole && query.order().getFirst().descending();
        List<T> seen = walk.apply(new Walk(isFromNewest, LOOKED_AT));
        // Of what is equal, such as of one second, the newest is the last, or else the first.
        boolean newestFirst = query.order().getLast().descending();
        List<T> found =
                (newestFirst == isFromNewest ? seen : seen.reversed())
                        .stream()
                                .filter(wanted)
                                .map(item -> new Told<>(item, row.apply(item)))
                                .sorted(Comparator.comparing(Told::row, query.comparator()))
                                .map(Told::item)
                                .toList();
        return new Found<>(found, seen.size() < LOOKED_AT);
    }

    private Found<T> walked(Query query, int end, boolean isNewestAscending, Predicate<T> wanted) {
        boolean newestFirst = (isNewestAscending && !isWhole) || isNewestFirst(query);
        int few = Math.min(end + FEW, LOOKED_AT);
        // One more tells whether there is more.
        int rows = query.hasOnlyRangesOf(served) ? end + 1 : few;
        while (true) {
            List<T> seen = walk.apply(new Walk(newestFirst, rows));
            List<T> found = seen.stream().filter(wanted).toList();
            boolean isAll = seen.size() < rows;
            if (found.size() >= end || isAll || rows >= LOOKED_AT) {
                return new Found<>(found, isAll);
            }
            // A range may take in a few that are not of it, such as what bounds it.
            rows = rows < few ? few : LOOKED_AT;
        }
    }

    private boolean isNewestFirst(Query query) {
        if (query.order().isEmpty()) {
            return false;
        }
        Query.Order by = query.order().getFirst();
        if (!ordered.contains(by.field())) {
            throw new BadParameterException(
                    "order: %s are too many to be put in the order of '%s' here; possible are %s"
                            .formatted(
                                    query.kind().plural(),
                                    by.field(),
                                    Stream.concat(ordered.stream(), nearly.stream().sorted())
                                            .collect(Collectors.joining(", "))));
        }
        return by.descending();
    }
}
