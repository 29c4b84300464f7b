package io.buildledger.scheduler.commandline;

import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

@Command(
        name = "builders",
        description =
                "Show the builders that living masters have, and whether these agree on them.")
final class BuildersCommand extends ListCommand {

    @Option(names = "--tag", paramLabel = "T", description = "those alone that have this tag")
    private @Nullable String tag;

    @Option(
            names = "--project",
            paramLabel = "P",
            description = "those alone that are of this project")
    private @Nullable String project;

    BuildersCommand() {
        super("builders", "no living master has a builder");
    }

    @Override
    String filter() {
        return (tag == null ? "" : "&tag=" + Master.segment(tag))
                + (project == null ? "" : "&project=" + Master.segment(project));
    }

    @Override
    String ifNone() {
        return tag == null && project == null
                ? super.ifNone()
                : "no living master has such a builder";
    }

    @Override
    Table table() {
        return new Table(5, "BUILDER", "TAGS", "PROJECT", "MASTERS", "FINGERPRINT", "DESCRIPTION");
    }

    @Override
    void addRow(Table table, JsonNode builder, ShortTime time) {
        table.row(
                Cell.text(builder, "name"),
                joined(builder.path("tags").valueStream().map(JsonNode::asString)),
                Cell.text(builder.path("project"), "name"),
                joined(builder.path("masters").valueStream().map(it -> Cell.text(it, "master"))),
                builder.path("diverges").asBoolean()
                        ? "DIVERGES: "
                                + joined(
                                        builder.path("masters")
                                                .valueStream()
                                                .map(it ->
                                                        Cell.text(it, "master")
                                                                + " "
                                                                + Cell.text(it, "fingerprint")))
                        : Cell.text(builder, "fingerprint"),
                Cell.firstLine(builder, "description"));
    }

    private static String joined(Stream<String> texts) {
        String joined = texts.collect(Collectors.joining(", "));
        return joined.isEmpty() ? "-" : joined;
    }
}
