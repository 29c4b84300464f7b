package io.buildledger.log;

import java.util.Set;

/**
 * Which events are wanted, by their names on disk.
 *
 * @param areNamed whether it is those with the names, or all others, also such as this program
 *     knows nothing of
 */
record EventTypes(Set<String> names, boolean areNamed) {

    static final EventTypes ALL = new EventTypes(Set.of(), false);

    /**
     * @throws IllegalArgumentException if none is wanted
     */
    EventTypes {
        if (areNamed && names.isEmpty()) {
            throw new IllegalArgumentException("no event is wanted");
        }
    }

    /**
     * Those of some classes, also as older programs wrote them.
     *
     * @throws IllegalArgumentException if one of them is no event
     */
    static EventTypes of(Set<Class<?>> classes) {
        return new EventTypes(Upcasters.OF_THIS_PROGRAM.namesOf(classes), true);
    }

    /**
     * All but those of some classes.
     *
     * @throws IllegalArgumentException as {@link #of} does
     */
    static EventTypes allBut(Set<Class<?>> classes) {
        return new EventTypes(Upcasters.OF_THIS_PROGRAM.namesOf(classes), false);
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
