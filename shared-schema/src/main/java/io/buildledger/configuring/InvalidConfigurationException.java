package io.buildledger.configuring;

import java.util.List;

/**
 * A configuration that can't be used; each problem says where it is, what is wrong and what would
 * be right.
 */
public final class InvalidConfigurationException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final List<String> problems;

    public InvalidConfigurationException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each, beginning with {@code FILE:LINE:COLUMN}. */
    public List<String> problems() {
        return problems;
    }
}
