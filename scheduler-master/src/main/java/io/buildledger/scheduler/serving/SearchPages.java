package io.buildledger.scheduler.serving;

import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.scheduling.SchedulerStatuses;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
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
    private final SchedulerStatuses schedulers;
    private final Shown shown = new Shown();

    SearchPages(Views views, PublishedBuilders builders, SchedulerStatuses schedulers) {
        this.views = views;
        this.builders = builders;
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
        model.addAttribute("q", text);
        model.addAttribute("found", found);
        return "search";
    }

    /**
     * Where a forge can lead who wants to know what was built of a commit.
     *
     * @param revision as much of it as tells it from others; a whole one is taken for that alone
     */
    @GetMapping("/revisions/{revision}")
    String revision(@PathVariable("revision") String revision, Model model) {
        List<Views.Change> begin = views.changesOfRevision(revision, MOST_OF_A_KIND);
        List<Views.Change> exact =
                begin.stream().filter(it -> revision.equals(it.revision())).toList();
        List<Views.Change> changes = exact.isEmpty() ? begin : exact;
        if (changes.isEmpty()) {
            throw new NotThereException("There is no change with revision %s.".formatted(revision));
        }
        if (changes.size() == 1) {
            return "redirect:/changes/" + changes.getFirst().changeId();
        }
        model.addAttribute("q", revision);
        model.addAttribute("found", changes.stream().map(this::found).toList());
        return "search";
    }

    private List<Found> found(String text) {
        return Stream.of(
                        numbered(text),
                        build(text),
                        named(text, builders.names(Views.MOST).stream())
                                .map(it -> found("builder", it, shown.pathOfBuilder(it))),
                        named(text, schedulers.all().stream().map(it -> it.name()))
                                .map(it -> found("scheduler", it, shown.pathOfScheduler(it))),
                        named(text, views.workers(Views.MOST).stream().map(Views.Worker::name))
                                .map(it -> found("worker", it, shown.pathOfWorker(it))),
                        ofRevision(text),
                        people(text))
                .flatMap(it -> it)
                .toList();
    }

    private static Found found(String kind, String name, String path) {
        return new Found(kind, name, path, "");
    }

    private static Stream<String> named(String text, Stream<String> names) {
        String part = text.toLowerCase(Locale.ROOT);
        return names.filter(it -> it.toLowerCase(Locale.ROOT).contains(part)).limit(MOST_OF_A_KIND);
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
                : views.changesOfRevision(text, MOST_OF_A_KIND).stream().map(this::found);
    }

    private Found found(Views.Change change) {
        return new Found(
                "change",
                "" + change.changeId(),
                "/changes/" + change.changeId(),
                "%s, %s: %s"
                        .formatted(
                                shown.revision(change.revision()),
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
