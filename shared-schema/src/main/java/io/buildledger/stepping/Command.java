package io.buildledger.stepping;

import java.util.List;

/** The words of a command: written as a list, or as one text for {@code /bin/sh -c}. */
public record Command(List<String> words) {

    /** A name for a step that runs it: the program's, or the first word of what a shell runs. */
    public String shortName() {
        return words.size() == 3 && words.get(1).equals("-c") && words.getFirst().equals("/bin/sh")
                ? words.getLast().strip().split("\\s", 2)[0]
                : words.getFirst().replaceFirst("^.*/(?=.)", "");
    }
}
