package io.buildledger.scheduler.clustering;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The dashboard and the alerts that people are given, and what they ask Prometheus for. */
final class MonitoringFiles {

    private static final Path DIRECTORY = Path.of("..", "docs", "monitoring");

    /** Labels, durations, texts, and what labels an aggregation keeps: no metric is named there. */
    private static final Pattern BESIDES =
            Pattern.compile(
                    "\\{[^}]*}|\\[[^\\]]*]|\"[^\"]*\"|\\b(?:by|without|on|ignoring|group_left|group_right) *\\([^)]*\\)");

    private static final Pattern NAME = Pattern.compile("\\b[a-zA-Z_:][\\w:]*\\b(?! *\\()");
    private static final Set<String> OPERATORS = Set.of("and", "or", "unless", "sum", "max", "min");

    /** Prometheus says it of whatever it scrapes. */
    private static final String UP = "up";

    private MonitoringFiles() {}

    /** The names of all metrics in the expressions of both. */
    static Set<String> names() throws IOException {
        List<String> expressions = new ArrayList<>();
        JsonNode dashboard =
                new JsonMapper()
                        .readTree(Files.readString(DIRECTORY.resolve("grafana-dashboard.json")));
        dashboard.findValues("expr").forEach(it -> expressions.add(it.asString()));
        JsonNode rules =
                new YAMLMapper()
                        .readTree(Files.readString(DIRECTORY.resolve("alerts.yml")))
                        .at("/groups/0/rules");
        for (JsonNode rule : rules) {
            assertThat(rule.path("alert").asString()).isNotBlank();
            assertThat(rule.at("/labels/severity").asString()).isIn("critical", "warning", "info");
            assertThat(rule.at("/annotations/summary").asString()).isNotBlank();
            expressions.add(rule.path("expr").asString());
        }
        assertThat(expressions).hasSizeGreaterThan(30);
        Set<String> names = new TreeSet<>();
        for (String expression : expressions) {
            Matcher name = NAME.matcher(BESIDES.matcher(expression).replaceAll(" "));
            while (name.find()) {
                if (!OPERATORS.contains(name.group()) && !name.group().equals(UP)) {
                    names.add(name.group());
                }
            }
        }
        return names;
    }
}
