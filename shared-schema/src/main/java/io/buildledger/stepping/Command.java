package io.buildledger.stepping;

import java.util.List;

/** The words of a command: written as a list, or as one text for {@code /bin/sh -c}. */
public record Command(List<String> words) {

    private static final List<String> SHELL = List.of("/bin/sh", "-c");

    /** Whether there is nothing to run: an empty text, perhaps because it was interpolated. */
    public boolean runsNothing() {
        return isForShell() ? words.getLast().isBlank() : words.isEmpty();
    }

    private boolean isForShell() {
        return words.size() == 3 && words.subList(0, 2).equals(SHELL);
    }

    /** A name for a step that runs it: the program's, or the first word of what a shell runs. */
    public String shortName() {
        return isForShell()
                ? words.getLast().strip().split("\\s", 2)[0]
                : words.getFirst().replaceFirst("^.*/(?=.)", "");
    }
}
