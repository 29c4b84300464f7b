package io.buildledger.stepping;

/**
 * Takes what is wrong with a step in a file, or with how a worker is started; the place and the
 * builder or worker are added.
 */
public interface StepProblems {

    /**
     * @param key whose value is wrong, as it is written; one within another follows it after a
     *     slash, and an element of a list by its number from 0: {@code commands/0/command}
     * @param message what is wrong, and what would be right
     */
    void problem(String key, String message);

    /**
     * Like {@link #problem}, for a key that is not there, or has nothing; not told where the key,
     * or what is below, is there and could not be read.
     */
    void missing(String key, String message);
}
