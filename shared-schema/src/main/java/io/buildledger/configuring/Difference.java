package io.buildledger.configuring;

import io.buildledger.showing.Printable;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;

/**
 * One thing that a configuration says otherwise than another. What has a name goes by that; change
 * sources go by their repository, steps by their position.
 *
 * @param key of the whole file, below which it is
 * @param text its path and what it was and is, in one line; of secrets only that they have changed
 */
record Difference(String key, String text) {

    private static final int LONGEST_VALUE = 200;
    private static final int LONGEST_TEXT = 500;
    private static final String STEPS = "factory";

    /** What differs, in the order of the keys; empty for configurations that say the same. */
    static List<Difference> between(Configuration before, Configuration after) {
        JsonNode former = CanonicalForm.asWritten(before);
        JsonNode now = CanonicalForm.asWritten(after);
        List<Difference> all = new ArrayList<>();
        for (String key : keys(former, now)) {
            List<String> lines = new ArrayList<>();
            compare(
                    lines,
                    new At(Printable.of(key), key, Confidential.isSecret(key)),
                    former.path(key),
                    now.path(key));
            lines.forEach(line -> all.add(new Difference(key, Printable.cut(line, LONGEST_TEXT))));
        }
        return all;
    }

    /**
     * A place in both.
     *
     * @param key the last of the path's keys
     */
    private record At(String path, String key, boolean secret) {

        At below(String child) {
            return new At(
                    path + "." + Printable.of(child),
                    child,
                    secret || Confidential.isSecret(child));
        }

        At element(String identity) {
            return new At(path + Printable.of(identity), key, secret);
        }

        String says(String what) {
            return path + ": " + what;
        }
    }

    private static Set<String> keys(JsonNode before, JsonNode after) {
        Set<String> keys = new LinkedHashSet<>(after.propertyNames());
        keys.addAll(before.propertyNames());
        return keys;
    }

    private static void compare(List<String> lines, At at, JsonNode before, JsonNode after) {
        if (before.equals(after)) {
            return;
        }
        int known = lines.size();
        if (isListOfParts(before, after)) {
            compareParts(lines, at, before, after);
        } else if (isGroup(before, after)) {
            for (String key : keys(before, after)) {
                compare(lines, at.below(key), before.path(key), after.path(key));
            }
        } else {
            lines.add(at.says(value(at, before, after)));
        }
        if (lines.size() == known) {
            lines.add(at.says(becoming(before, after)));
        }
    }

    private static boolean isGroup(JsonNode before, JsonNode after) {
        return (before.isObject() || before.isMissingNode())
                && (after.isObject() || after.isMissingNode());
    }

    private static boolean isListOfParts(JsonNode before, JsonNode after) {
        return (before.isArray() || before.isMissingNode())
                && (after.isArray() || after.isMissingNode())
                && (holdsParts(before) || holdsParts(after));
    }

    private static boolean holdsParts(JsonNode list) {
        return !list.isEmpty() && list.get(0).isObject();
    }

    private static void compareParts(List<String> lines, At at, JsonNode before, JsonNode after) {
        Map<String, Part> former = parts(at, before);
        Map<String, Part> now = parts(at, after);
        now.forEach((identity, part) -> {
            At element = at.element(identity);
            Part was = former.get(identity);
            if (was == null) {
                lines.add(element.says("added"));
            } else if (!was.type().equals(part.type())) {
                lines.add(element.says(was.type() + " -> " + part.type()));
            } else {
                compare(lines, element, was.body(), part.body());
            }
        });
        former.keySet().stream()
                .filter(identity -> !now.containsKey(identity))
                .forEach(identity -> lines.add(at.element(identity).says("removed")));
        if (!common(former, now).equals(common(now, former))) {
            lines.add(at.says("in another order"));
        }
    }

    private static List<String> common(Map<String, Part> ones, Map<String, Part> others) {
        return ones.keySet().stream().filter(others::containsKey).toList();
    }

    /**
     * An element of a list.
     *
     * @param type as in {@code single_branch: {...}}; empty where there is only one
     */
    private record Part(String type, JsonNode body) {

        static Part of(JsonNode element) {
            if (element.size() == 1 && element.iterator().next().isObject()) {
                return new Part(
                        element.propertyNames().iterator().next(), element.iterator().next());
            }
            return new Part("", element);
        }
    }

    private static Map<String, Part> parts(At at, JsonNode list) {
        Map<String, Part> parts = new LinkedHashMap<>();
        for (JsonNode element : list) {
            Part part = Part.of(element);
            String identity =
                    identity(at, part).isEmpty() ? "[" + parts.size() + "]" : identity(at, part);
            String unique = identity;
            for (int i = 2; parts.containsKey(unique); i++) {
                unique = identity + "#" + i;
            }
            parts.put(unique, part);
        }
        return parts;
    }

    private static String identity(At at, Part part) {
        if (at.key().equals(STEPS)) {
            return "";
        }
        if (part.body().path("name").isString()) {
            return "." + part.body().path("name").asString();
        }
        return part.body().path("repourl").isString()
                ? "["
                        + RepositoryAddress.withoutCredentials(
                                part.body().path("repourl").asString())
                        + "]"
                : "";
    }

    private static String value(At at, JsonNode before, JsonNode after) {
        String was = shown(before);
        String is = shown(after);
        return at.secret() || was.equals(is) ? becoming(before, after) : was + " -> " + is;
    }

    private static String becoming(JsonNode before, JsonNode after) {
        if (before.isMissingNode()) {
            return "added";
        }
        return after.isMissingNode() ? "removed" : "changed";
    }

    private static String shown(JsonNode value) {
        return Printable.cut(Confidential.masked(plain(value)), LONGEST_VALUE);
    }

    private static String plain(JsonNode value) {
        if (value instanceof MissingNode) {
            return "(default)";
        }
        if (value.isArray()) {
            return StreamSupport.stream(value.spliterator(), false)
                    .map(Difference::plain)
                    .collect(Collectors.joining(", ", "[", "]"));
        }
        return value.isString() ? value.asString() : value.toString();
    }
}
