package io.buildledger.configuring;

/**
 * A number of bytes, which a file may give in larger units.
 *
 * @param bytes 0 to {@link #LARGEST}
 */
public record Size(long bytes) implements Comparable<Size> {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    /** So that sums of some of them are numbers, too. */
    static final long LARGEST = 1024 * GIB;

    public Size {
        if (bytes < 0 || bytes > LARGEST) {
            throw new IllegalArgumentException(bytes + " bytes are no size");
        }
    }

    /** So many units of 1024 bytes. */
    public static Size ofKib(long count) {
        return new Size(count * KIB);
    }

    /** So many units of 1024 × 1024 bytes. */
    public static Size ofMib(long count) {
        return new Size(count * MIB);
    }

    /**
     * @param unit as in {@link YamlTypes#SIZE}
     * @throws IllegalArgumentException if it is too large
     */
    static Size of(long number, String unit) {
        long bytes =
                switch (unit) {
                    case "KiB" -> KIB;
                    case "MiB" -> MIB;
                    case "GiB" -> GIB;
                    default -> 1;
                };
        if (number > LARGEST / bytes) {
            throw new IllegalArgumentException(number + unit + " is too large");
        }
        return new Size(number * bytes);
    }

    @Override
    public int compareTo(Size other) {
        return Long.compare(bytes, other.bytes);
    }

    /** As a person would write it, in the largest unit that leaves no rest. */
    @Override
    public String toString() {
        if (bytes == 0 || bytes % KIB != 0) {
            return String.valueOf(bytes);
        }
        if (bytes % MIB != 0) {
            return bytes / KIB + "KiB";
        }
        return bytes % GIB == 0 ? bytes / GIB + "GiB" : bytes / MIB + "MiB";
    }
}
