package io.buildledger.log;

import java.util.Set;

/**
 * Which events are wanted, by their names on disk.
 *
 * @param areNamed whether it is those with the names, or all others, also such as this program
 *     knows nothing of
 */
record Types(Set<String> names, boolean areNamed) {

    static final Types ALL = new Types(Set.of(), false);

    /**
     * Those of some classes, also as older programs wrote them.
     *
     * @throws IllegalArgumentException if one of them is no event
     */
    static Types of(Set<Class<?>> classes) {
        return new Types(Upcasters.OF_THIS_PROGRAM.namesOf(classes), true);
    }

    /**
     * All but those of some classes.
     *
     * @throws IllegalArgumentException as {@link #of} does
     */
    static Types allBut(Set<Class<?>> classes) {
        return new Types(Upcasters.OF_THIS_PROGRAM.namesOf(classes), false);
    }

    boolean areAll() {
        return names.isEmpty() && !areNamed;
    }

    boolean has(String type) {
        return names.contains(type) == areNamed;
    }

    boolean haveSomeOf(Set<String> types) {
        return types.stream().anyMatch(this::has);
    }
}
