package io.buildledger.configuring;

import java.util.Comparator;

/** Something wrong with a file, at a place of it. */
record Problem(Place place, String message) {

    /** The order in which a reader of the file meets them. */
    static final Comparator<Problem> IN_FILE_ORDER = Comparator.comparing(Problem::place);

    /** Both count from 1. */
    record Place(int line, int column) implements Comparable<Place> {

        static final Place START = new Place(1, 1);

        @Override
        public int compareTo(Place other) {
            return Comparator.comparingInt(Place::line)
                    .thenComparingInt(Place::column)
                    .compare(this, other);
        }

        @Override
        public String toString() {
            return line + ":" + column;
        }
    }
}
