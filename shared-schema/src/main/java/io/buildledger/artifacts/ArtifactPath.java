package io.buildledger.artifacts;

import io.buildledger.showing.Printable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Where an artifact is among those of its build. It leads nowhere else on any file system, and is
 * the same text wherever it is stored.
 *
 * @param text names with slashes between them
 */
public record ArtifactPath(String text) {

    private static final int LONGEST = 500;

    /** What file systems take. */
    private static final int LONGEST_NAME_IN_BYTES = 255;

    /**
     * The path that a text means; {@code ./a//b/} means {@code a/b}.
     *
     * @throws UnfitArtifactException if it can be the path of no artifact
     */
    public static ArtifactPath of(String text) throws UnfitArtifactException {
        if (text.startsWith("/")) {
            throw unfit(text, "it is absolute");
        }
        List<String> names = new ArrayList<>();
        for (String name : text.split("/", -1)) {
            if (!name.isEmpty() && !name.equals(".")) {
                check(text, name);
                names.add(name);
            }
        }
        if (names.isEmpty()) {
            throw unfit(text, "it names no file");
        }
        String path = String.join("/", names);
        if (path.length() > LONGEST) {
            throw unfit(text, "it has more than %d characters".formatted(LONGEST));
        }
        return new ArtifactPath(path);
    }

    /**
     * A path below a directory, which is empty or {@code .} for the top.
     *
     * @throws UnfitArtifactException if it can be the path of no artifact
     */
    public static ArtifactPath under(String directory, String path) throws UnfitArtifactException {
        ArtifactPath below = of(path);
        return directory.isEmpty() ? below : of(directory + "/" + below);
    }

    private static void check(String text, String name) throws UnfitArtifactException {
        if (name.equals("..")) {
            throw unfit(text, "it leads out by ..");
        }
        if (Printable.hasControl(name)) {
            throw unfit(text, "it has a control character");
        }
        if (name.indexOf('\\') >= 0) {
            throw unfit(text, "it has a backslash");
        }
        if (!name.equals(name.strip())) {
            throw unfit(text, "a name in it begins or ends with a space");
        }
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw unfit(text, "it is not text");
        }
        if (name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME_IN_BYTES) {
            throw unfit(
                    text, "a name in it has more than %d bytes".formatted(LONGEST_NAME_IN_BYTES));
        }
    }

    private static UnfitArtifactException unfit(String text, String why) {
        return new UnfitArtifactException(
                "'%s' can't be the path of an artifact: %s"
                        .formatted(Printable.cut(Printable.of(text), 80), why));
    }

    /** The last of its names. */
    public String name() {
        return text.substring(text.lastIndexOf('/') + 1);
    }

    @Override
    public String toString() {
        return text;
    }
}
