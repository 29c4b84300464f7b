package io.buildledger.scheduler.serving;

import io.buildledger.domain.changing.ChangeEvent.ChangeReceived;
import io.buildledger.log.EventLog;
import io.buildledger.log.Recorded;
import io.buildledger.log.Streams;
import io.buildledger.mastering.PublishedBuilder;
import io.buildledger.mastering.PublishedBuilders;
import io.buildledger.scheduler.explaining.Explanations;
import io.buildledger.scheduler.explaining.Explanations.OfChange;
import io.buildledger.scheduler.explaining.Explanations.OfScheduler;
import io.buildledger.viewing.ChangeGrid;
import io.buildledger.viewing.ChangeGrid.Grid;
import io.buildledger.viewing.Views;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.ui.Model;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;

/**
 * The pages of changes: what builders made of each, and one. They are of use without scripts, too.
 */
@Pages
class ChangePages {

    private static final int CHANGES = 30;

    /** More columns nobody can read; a tag or a project chooses. */
    private static final int BUILDERS = 40;

    private static final int FILES = 200;

    private static final String NEWEST = "" + Long.MAX_VALUE;

    private final Views views;
    private final ChangeGrid grid;
    private final PublishedBuilders builders;
    private final Explanations explanations;
    private final EventLog log;
    private final LivePages live;

    ChangePages(
            Views views,
            ChangeGrid grid,
            PublishedBuilders builders,
            Explanations explanations,
            EventLog log,
            LivePages live) {
        this.views = views;
        this.grid = grid;
        this.builders = builders;
        this.explanations = explanations;
        this.log = log.toTell();
        this.live = live;
    }

    /**
     * @param before of changes with lower ids alone
     * @param tag of the builders that are shown; null for all, as with the project
     */
    @GetMapping("/changes")
    String changes(
            @RequestParam(name = "before", defaultValue = NEWEST) long before,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            Model model) {
        live.begin(model);
        grid(before, tag, project, model);
        return "changes";
    }

    @GetMapping("/sections/grid")
    String grid(
            @RequestParam(name = "before", defaultValue = NEWEST) long before,
            @RequestParam(name = "tag", required = false) @Nullable String tag,
            @RequestParam(name = "project", required = false) @Nullable String project,
            Model model) {
        List<Views.Change> changes = views.changes(before, CHANGES + 1);
        List<Views.Change> onPage = changes.stream().limit(CHANGES).toList();
        Grid cells = grid.of(onPage.stream().map(Views.Change::changeId).toList());
        List<String> columns = columns(cells, tag, project);
        model.addAttribute("changes", onPage);
        model.addAttribute("grid", cells);
        model.addAttribute("columns", shown(cells, columns));
        model.addAttribute("moreColumns", Math.max(0, columns.size() - BUILDERS));
        model.addAttribute("older", changes.size() > CHANGES ? onPage.getLast().changeId() : null);
        model.addAttribute("isNewest", before == Long.MAX_VALUE);
        model.addAttribute("tag", tag);
        model.addAttribute("project", project);
        return "changes :: grid";
    }

    /**
     * @param why whether what the schedulers made of it is wanted at once, which scripts ask for
     *     later
     */
    @GetMapping("/changes/{id}")
    String change(
            @PathVariable("id") long id,
            @RequestParam(name = "why", defaultValue = "false") boolean why,
            Model model) {
        live.begin(model);
        now(id, model);
        model.addAttribute("schedulers", why ? schedulers(id) : null);
        return "change";
    }

    /** What the schedulers made of it. This may have to read much of what they have done since. */
    @GetMapping("/changes/{id}/why")
    String why(@PathVariable("id") long id, Model model) {
        model.addAttribute("schedulers", schedulers(id));
        return "change :: why";
    }

    private List<OfScheduler> schedulers(long id) {
        return explanations.ofChange(id).map(OfChange::schedulers).orElse(List.of());
    }

    @GetMapping("/changes/{id}/now")
    String now(@PathVariable("id") long id, Model model) {
        Views.Change change =
                views.change(id)
                        .orElseThrow(() ->
                                new NotThereException("There is no change %d.".formatted(id)));
        model.addAttribute("change", change);
        model.addAttribute("files", files(id));
        model.addAttribute(
                "cells", grid.of(List.of(id)).rows().getOrDefault(id, new TreeMap<>()).values());
        return "change :: now";
    }

    private List<String> files(long id) {
        return log.find(Streams.change(id), 0)
                .map(Recorded::event)
                .filter(ChangeReceived.class::isInstance)
                .map(event -> ((ChangeReceived) event).files().stream().limit(FILES).toList())
                .orElse(List.of());
    }

    /** Of too many those that are red go before the others. */
    private static List<String> shown(Grid cells, List<String> columns) {
        if (columns.size() <= BUILDERS) {
            return columns;
        }
        Set<String> red = cells.red();
        return Stream.concat(
                        columns.stream().filter(red::contains),
                        columns.stream().filter(it -> !red.contains(it)))
                .limit(BUILDERS)
                .sorted()
                .toList();
    }

    private List<String> columns(Grid cells, @Nullable String tag, @Nullable String project) {
        if (tag == null && project == null) {
            return List.copyOf(cells.builders());
        }
        Set<String> wanted =
                builders.builders(tag, project, Views.MOST).stream()
                        .map(PublishedBuilder::name)
                        .collect(Collectors.toSet());
        return cells.builders().stream().filter(wanted::contains).toList();
    }
}
