package io.buildledger.scheduler.serving;

import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.numbering.Numbers;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.viewing.BuilderStandings;
import io.buildledger.viewing.Views;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/** Looks for what people call by a name or by a number. What it costs depends on no history. */
@Pages
class SearchPages {

    /**
     * @param kind such as {@code builder}
     * @param told what it is, in some words
     */
    record Found(String kind, String name, String path, String told) {}

    private static final Pattern NUMBER = Pattern.compile("#?([0-9]{1,18})");
    private static final Pattern BUILD = Pattern.compile("(.+)/([0-9]{1,18})");
    private static final int LEAST_OF_REVISION = 4;
    private static final int MOST_OF_A_KIND = 50;

    private final Views views;
    private final PublishedBuilders builders;
    private final BuilderStandings standings;
    private final JdbcClient jdbc;
    private final SchedulerStatuses schedulers;
    private final Shown shown = new Shown();

    SearchPages(
            Views views,
            PublishedBuilders builders,
            BuilderStandings standings,
            JdbcClient jdbc,
            SchedulerStatuses schedulers) {
        this.views = views;
        this.builders = builders;
        this.standings = standings;
        this.jdbc = jdbc;
        this.schedulers = schedulers;
    }

    /** Goes to the page of what was found, if that is one thing. */
    @GetMapping("/search")
    String search(@RequestParam(name = "q", defaultValue = "") String q, Model model) {
        String text = q.strip();
        List<Found> found = text.isEmpty() ? List.of() : found(text);
        if (found.size() == 1) {
            return "redirect:" + found.getFirst().path();
        }
        add(text, found, model);
        return "search";
    }

    private static void add(String text, List<Found> found, Model model) {
        Map<String, Long> count =
                found.stream()
                        .collect(
                                Collectors.groupingBy(
                                        Found::kind, LinkedHashMap::new, Collectors.counting()));
        Map<String, Integer> left = new HashMap<>();
        model.addAttribute("q", text);
        model.addAttribute(
                "found",
                found.stream()
                        .filter(it -> left.merge(it.kind(), 1, Integer::sum) <= MOST_OF_A_KIND)
                        .toList());
        model.addAttribute("most", MOST_OF_A_KIND);
        model.addAttribute(
                "cut",
                count.entrySet().stream()
                        .filter(it -> it.getValue() > MOST_OF_A_KIND)
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /**
     * Where a forge can lead who wants to know what was built of a commit.
     *
     * @param revision as much of it as tells it from others; a whole one is taken for that alone
     */
    @GetMapping("/revisions/{revision}")
    String revision(@PathVariable("revision") String revision, Model model) {
        List<Views.Change> begin = views.changesOfRevision(revision, MOST_OF_A_KIND + 1);
        List<Views.Change> exact =
                begin.stream().filter(it -> revision.equals(it.revision())).toList();
        List<Views.Change> changes = exact.isEmpty() ? begin : exact;
        if (changes.isEmpty()) {
            throw new NotThereException("There is no change with revision %s.".formatted(revision));
        }
        if (changes.size() == 1) {
            return "redirect:/changes/" + changes.getFirst().changeId();
        }
        add(revision, changes.stream().map(this::found).toList(), model);
        return "search";
    }

    private List<Found> found(String text) {
        return Stream.of(
                        numbered(text),
                        build(text),
                        builders(text),
                        named(text, schedulers.all(), SchedulerStatuses.Status::name)
                                .map(it ->
                                        new Found(
                                                "scheduler",
                                                it.name(),
                                                shown.pathOfScheduler(it.name()),
                                                it.type() + ", " + shown.state(it))),
                        named(text, views.workers(Views.MOST), Views.Worker::name)
                                .map(it ->
                                        new Found(
                                                "worker",
                                                it.name(),
                                                shown.pathOfWorker(it.name()),
                                                it.state())),
                        ofRevision(text),
                        people(text))
                .flatMap(it -> it)
                .toList();
    }

    /** Those that masters have, and those that are known by their requests and builds alone. */
    private Stream<Found> builders(String text) {
        TreeSet<String> names = new TreeSet<>(builders.names(Views.MOST));
        names.addAll(standings.waitingNames());
        names.addAll(Numbers.builders(jdbc));
        List<String> found = named(text, names, Function.identity()).toList();
        Map<String, PublishedBuilder> published =
                builders.ofNames(found).stream()
                        .collect(Collectors.toMap(PublishedBuilder::name, Function.identity()));
        return found.stream()
                .map(name ->
                        new Found(
                                "builder",
                                name,
                                shown.pathOfBuilder(name),
                                told(published.get(name))));
    }

    private String told(@Nullable PublishedBuilder builder) {
        if (builder == null) {
            return "no living master has it";
        }
        String description = builder.description();
        PublishedBuilder.Project project = builder.project();
        return Stream.of(
                        description == null ? "" : shown.firstLine(description),
                        project == null ? "" : "project " + project.name(),
                        builder.tags().isEmpty() ? "" : "tags " + String.join(", ", builder.tags()))
                .filter(it -> !it.isEmpty())
                .collect(Collectors.joining("; "));
    }

    /** One more than are shown, where there are more. */
    private static <T> Stream<T> named(
            String text, Collection<T> things, Function<T, String> name) {
        String part = text.toLowerCase(Locale.ROOT);
        return things.stream()
                .filter(it -> name.apply(it).toLowerCase(Locale.ROOT).contains(part))
                .limit(MOST_OF_A_KIND + 1L);
    }

    private Stream<Found> numbered(String text) {
        Matcher matcher = NUMBER.matcher(text);
        if (!matcher.matches()) {
            return Stream.of();
        }
        long number = Long.parseLong(matcher.group(1));
        return Stream.concat(
                views.change(number).stream().map(this::found),
                views.request(number).stream()
                        .map(it ->
                                new Found(
                                        "request",
                                        "" + number,
                                        "/requests/" + number,
                                        it.builder() + ", " + word(it))));
    }

    private static String word(Views.Request request) {
        String results = request.results();
        return results == null ? request.state() : results;
    }

    private Stream<Found> build(String text) {
        Matcher matcher = BUILD.matcher(text);
        return matcher.matches()
                ? views.build(matcher.group(1), Long.parseLong(matcher.group(2))).stream()
                        .map(it -> {
                            String results = it.results();
                            return new Found(
                                    "build",
                                    text,
                                    shown.path(it.builder(), it.buildNumber()),
                                    results == null ? it.state() : results);
                        })
                : Stream.of();
    }

    private Stream<Found> ofRevision(String text) {
        return text.length() < LEAST_OF_REVISION
                ? Stream.of()
                : views.changesOfRevision(text, MOST_OF_A_KIND + 1).stream().map(this::found);
    }

    private Found found(Views.Change change) {
        return new Found(
                "change",
                "" + change.changeId(),
                "/changes/" + change.changeId(),
                "%s%s: %s"
                        .formatted(
                                change.revision() == null
                                        ? ""
                                        : shown.revision(change.revision()) + ", ",
                                shown.nameOf(change.author()),
                                shown.firstLine(change.comments())));
    }

    private Stream<Found> people(String text) {
        return views.hasActed(text)
                ? Stream.of(
                        new Found(
                                "person",
                                text,
                                shown.audit("user", text),
                                "what they had a part in"))
                : Stream.of();
    }
}
