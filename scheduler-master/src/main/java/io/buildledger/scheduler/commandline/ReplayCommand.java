package io.buildledger.scheduler.commandline;

import io.buildledger.database.Database;
import io.buildledger.replaying.ViewRebuild;
import io.buildledger.starting.MasterProcess;
import io.buildledger.viewing.ViewTable;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "replay",
        description =
                "Make what stands beside the log anew, from the log alone, while masters go on.")
final class ReplayCommand extends DatabaseCommand {

    @Parameters(
            paramLabel = "NAME",
            arity = "0..*",
            description = "what to make anew (all): " + NAMES)
    private List<String> names = List.of();

    static final String NAMES =
            "changes, buildsets, source-stamps, requests, builds, steps, artifacts";

    @Override
    boolean run(Database database) throws InterruptedException {
        Set<ViewTable> views = views();
        ShownProgress progress = new ShownProgress(this::warn);
        ViewRebuild.of(database, views, MasterProcess.localHost(), progress);
        out().println(
                        "%s made anew from %,d events"
                                .formatted(
                                        views.stream()
                                                .map(ReplayCommand::nameOf)
                                                .collect(Collectors.joining(", ")),
                                        progress.events()));
        return true;
    }

    private Set<ViewTable> views() {
        Set<ViewTable> views = EnumSet.noneOf(ViewTable.class);
        for (String name : names) {
            views.add(
                    Arrays.stream(ViewTable.values())
                            .filter(view -> nameOf(view).equals(name))
                            .findFirst()
                            .orElseThrow(() ->
                                    misuse(
                                            "there is no '%s' to be made anew: it is one of %s"
                                                    .formatted(name, NAMES))));
        }
        return views.isEmpty() ? EnumSet.allOf(ViewTable.class) : views;
    }

    private static String nameOf(ViewTable view) {
        return view.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
