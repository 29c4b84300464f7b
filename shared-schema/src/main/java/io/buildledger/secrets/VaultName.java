package io.buildledger.secrets;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The name of a secret in Vault, {@code path/to/secret|key}, as in Buildbot: an escape character
 * takes their meaning from the delimiter and from itself, and at the end stands for nothing.
 */
record VaultName(String path, String key) {

    private static final Set<String> NO_SEGMENTS = Set.of("", ".", "..");

    /**
     * Nothing if it has no delimiter, which is the name of a secret elsewhere.
     *
     * @throws IllegalArgumentException with what is wrong, if it has several, or a part is empty
     */
    static Optional<VaultName> of(String name, char delimiter, char escape) {
        List<String> parts = split(name, delimiter, escape);
        if (parts.size() == 1) {
            return Optional.empty();
        }
        if (parts.size() > 2) {
            throw new IllegalArgumentException(
                    "has more than one %s between path and key: put %s before those that belong to them"
                            .formatted(delimiter, escape));
        }
        VaultName parsed = new VaultName(parts.getFirst(), parts.getLast());
        if (parsed.key.isEmpty()
                || segments(parsed.path).stream().anyMatch(NO_SEGMENTS::contains)) {
            throw new IllegalArgumentException(
                    "is not a path and a key such as path/to/secret%skey".formatted(delimiter));
        }
        return Optional.of(parsed);
    }

    private static List<String> split(String name, char delimiter, char escape) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < name.length(); i++) {
            char letter = name.charAt(i);
            if (letter == escape) {
                i++;
                if (i < name.length()) {
                    part.append(name.charAt(i));
                }
            } else if (letter == delimiter) {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(letter);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    private static List<String> segments(String path) {
        return Arrays.asList(path.split("/", -1));
    }

    /** The path as a part of an address. */
    String encodedPath() {
        return segments(path).stream()
                .map(it -> URLEncoder.encode(it, StandardCharsets.UTF_8).replace("+", "%20"))
                .collect(Collectors.joining("/"));
    }
}
