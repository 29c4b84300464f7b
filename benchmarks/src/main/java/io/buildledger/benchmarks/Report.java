package io.buildledger.benchmarks;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** What a benchmark has found: the same for people, as tables, and for programs, as JSON. */
final class Report {

    private static final JsonMapper JSON =
            JsonMapper.builder()
                    .disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                    .enable(SerializationFeature.INDENT_OUTPUT)
                    .changeDefaultPropertyInclusion(
                            value -> value.withValueInclusion(JsonInclude.Include.NON_NULL))
                    .build();

    /** What was asked for, and what was found. */
    record Target(String target, String measured, boolean met) {}

    private final Conditions conditions;
    private final Map<String, String> parameters = new LinkedHashMap<>();
    private final Map<String, List<? extends Record>> sections = new LinkedHashMap<>();
    private final List<Target> targets = new ArrayList<>();

    Report(Conditions conditions) {
        this.conditions = conditions;
    }

    /** Something else that the figures depend on. */
    void parameter(String name, Object value) {
        parameters.put(name, value.toString());
    }

    /** Rows of one kind; their components are the columns. */
    void section(String name, List<? extends Record> rows) {
        sections.put(name, List.copyOf(rows));
    }

    void atLeast(String what, double target, double measured) {
        target(what, "at least", target, measured, measured >= target);
    }

    void atMost(String what, double target, double measured) {
        target(what, "at most", target, measured, measured <= target);
    }

    private void target(String what, String bound, double target, double measured, boolean met) {
        targets.add(
                new Target(
                        "%s: %s %s".formatted(what, bound, number(target)),
                        met
                                ? number(measured)
                                : "%s, missed by %.0f %%"
                                        .formatted(
                                                number(measured),
                                                100 * Math.abs(measured - target) / target),
                        met));
    }

    String json() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("conditions", conditions);
        all.put("parameters", parameters);
        all.putAll(sections);
        all.put("targets", targets);
        return JSON.writeValueAsString(all);
    }

    String text() {
        StringBuilder text = new StringBuilder("conditions\n");
        JSON.valueToTree(conditions)
                .properties()
                .forEach(condition -> line(text, condition.getKey(), cell(condition.getValue())));
        parameters.forEach((name, value) -> line(text, name, value));
        sections.forEach((name, rows) -> {
            if (rows.isEmpty()) {
                return;
            }
            text.append('\n').append(words(name)).append('\n');
            table(text, rows);
        });
        if (!targets.isEmpty()) {
            text.append("\ntargets\n");
            for (Target target : targets) {
                text.append(
                        "  %-6s %s: %s%n"
                                .formatted(
                                        target.met() ? "met" : "MISSED",
                                        target.target(),
                                        target.measured()));
            }
        }
        return text.toString().stripTrailing();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append("  %-34s %s%n".formatted(words(name), value));
    }

    /** Titles stand above each other word by word, or a dozen columns would not fit. */
    private static void table(StringBuilder text, List<? extends Record> rows) {
        List<JsonNode> trees = rows.stream().map(row -> JSON.<JsonNode>valueToTree(row)).toList();
        Map<String, List<String>> columns = new LinkedHashMap<>();
        int titleLines = 0;
        for (JsonNode tree : trees) {
            for (String name : tree.propertyNames()) {
                columns.putIfAbsent(name, List.of(words(name).split(" ", -1)));
                titleLines = Math.max(titleLines, columns.get(name).size());
            }
        }
        List<StringBuilder> lines = new ArrayList<>();
        for (int i = 0; i < titleLines + trees.size(); i++) {
            lines.add(new StringBuilder());
        }
        for (Map.Entry<String, List<String>> column : columns.entrySet()) {
            List<String> cells = new ArrayList<>();
            List<String> title = column.getValue();
            for (int i = titleLines; i > 0; i--) {
                cells.add(i > title.size() ? "" : title.get(title.size() - i));
            }
            trees.forEach(tree -> cells.add(cell(tree.path(column.getKey()))));
            int width = cells.stream().mapToInt(String::length).max().orElse(0);
            boolean isText = trees.stream().anyMatch(tree -> tree.path(column.getKey()).isString());
            for (int i = 0; i < cells.size(); i++) {
                String cell = cells.get(i);
                String space = " ".repeat(width - cell.length());
                lines.get(i).append("  ").append(isText ? cell + space : space + cell);
            }
        }
        lines.forEach(line -> text.append(line.toString().stripTrailing()).append('\n'));
    }

    private static String cell(JsonNode value) {
        if (value.isMissingNode() || value.isNull()) {
            return "-";
        }
        return value.isFloatingPointNumber() ? number(value.doubleValue()) : value.asString();
    }

    private static String number(double value) {
        if (Math.abs(value) >= 100 || value == Math.rint(value)) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }

    private static String words(String camelCase) {
        return camelCase.replaceAll("(?<=[a-z0-9])(?=[A-Z])", " ").toLowerCase(Locale.ROOT);
    }
}
