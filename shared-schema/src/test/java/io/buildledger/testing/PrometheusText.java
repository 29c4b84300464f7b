package io.buildledger.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text format of Prometheus, version 0.0.4, and is stricter than Prometheus is: each
 * sample is of a family that was announced before it, and none is there twice.
 */
public final class PrometheusText {

    private static final Pattern TYPE =
            Pattern.compile("# TYPE ([a-zA-Z_:][\\w:]*) (counter|gauge|histogram|summary|untyped)");
    private static final Pattern HELP = Pattern.compile("# HELP ([a-zA-Z_:][\\w:]*) .*");
    private static final Pattern SAMPLE =
            Pattern.compile(
                    "([a-zA-Z_:][\\w:]*)(\\{(?:[a-zA-Z_]\\w*=\"(?:[^\"\\\\]|\\\\[\\\\n\"])*\",?)*})? "
                            + "([-+]?(?:[0-9.]+(?:E-?[0-9]+)?|Inf)|NaN)");

    private final Map<String, Double> samples = new LinkedHashMap<>();
    private final Set<String> names = new TreeSet<>();

    /** Fails where it is not what the format has. */
    public PrometheusText(String text) {
        Set<String> families = new HashSet<>();
        assertThat(text).endsWith("\n");
        for (String line : text.lines().toList()) {
            Matcher type = TYPE.matcher(line);
            if (type.matches()) {
                assertThat(families.add(type.group(1))).as("%s is announced once", line).isTrue();
            } else if (!HELP.matcher(line).matches()) {
                Matcher sample = SAMPLE.matcher(line);
                assertThat(sample.matches()).as(line).isTrue();
                String name = sample.group(1);
                assertThat(
                                families.contains(name)
                                        || families.contains(
                                                name.replaceFirst("_(bucket|count|sum)$", "")))
                        .as("%s is of an announced family", line)
                        .isTrue();
                String series = line.substring(0, line.lastIndexOf(' '));
                assertThat(
                                samples.put(
                                        series,
                                        Double.valueOf(sample.group(3).replace("Inf", "Infinity"))))
                        .as("%s is there once", series)
                        .isNull();
                names.add(name);
            }
        }
    }

    /** Of all samples. */
    public Set<String> names() {
        return names;
    }

    /**
     * @param series a name with its labels, as it is written
     */
    public double value(String series) {
        assertThat(samples).containsKey(series);
        return samples.get(series);
    }

    public boolean has(String series) {
        return samples.containsKey(series);
    }
}
