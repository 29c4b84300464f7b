package io.buildledger.configuring;

import io.buildledger.configuring.Problem.Place;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a file has that a configuration can't hold: unknown keys, values of the wrong type. The rest
 * is read without it, so that one reading tells all; what then seems to be missing may be what was
 * left out, and is not told.
 */
final class Mistakes {

    /** What an unknown key that resembles none may mean. */
    static final String ANY = "";

    private final List<Problem> problems = new ArrayList<>();
    private final Set<String> omitted = new HashSet<>();
    private final Map<String, Set<String>> meant = new HashMap<>();

    List<Problem> problems() {
        return problems;
    }

    /** JSON pointers of what is not read. */
    Set<String> omitted() {
        return omitted;
    }

    /**
     * @return whether this was not known yet
     */
    boolean add(String pointer, Place place, String message) {
        boolean isConsequence = omitted.stream().anyMatch(other -> isWithin(other, pointer));
        boolean isNew = omitted.add(pointer);
        if (isNew && !isConsequence) {
            problems.add(new Problem(place, message));
        }
        return isNew;
    }

    /** An object has an unknown key, by which a known one was meant, or {@link #ANY}. */
    void unknownKey(String object, String meant) {
        this.meant.computeIfAbsent(object, _ -> new HashSet<>()).add(meant);
    }

    /** Whether a key that an object lacks, or a part of its value, may be what was left out. */
    boolean mayHold(String object, String key) {
        Set<String> keys = meant.getOrDefault(object, Set.of());
        return keys.contains(key)
                || keys.contains(ANY)
                || omitted.stream().anyMatch(other -> isWithin(other, object + "/" + key));
    }

    /** Whether a list, or any of its elements as a whole, was left out. */
    boolean hasOmittedFrom(String list) {
        return omitted.stream()
                .anyMatch(other ->
                        other.equals(list)
                                || other.substring(0, other.lastIndexOf('/')).equals(list));
    }

    /** The pointer in the file of what is at a pointer in the configuration that was read. */
    String inFile(String pointer) {
        if (pointer.isEmpty()) {
            return pointer;
        }
        String inFile = "";
        for (String token : pointer.substring(1).split("/", -1)) {
            inFile += "/" + (isIndex(token) ? indexInFile(inFile, Integer.parseInt(token)) : token);
        }
        return inFile;
    }

    private int indexInFile(String list, int indexRead) {
        int index = 0;
        for (int read = 0; read < indexRead || omitted.contains(list + "/" + index); index++) {
            read += omitted.contains(list + "/" + index) ? 0 : 1;
        }
        return index;
    }

    private static boolean isIndex(String token) {
        return !token.isEmpty() && token.chars().allMatch(Character::isDigit);
    }

    private static boolean isWithin(String pointer, String outer) {
        return pointer.equals(outer) || pointer.startsWith(outer + "/");
    }
}
