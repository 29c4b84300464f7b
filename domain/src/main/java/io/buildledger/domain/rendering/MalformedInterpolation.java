package io.buildledger.domain.rendering;

/**
 * A text begins an interpolation and does not go on as one. The message says what would be right.
 */
public final class MalformedInterpolation extends IllegalArgumentException {
    private static final long serialVersionUID = 1;

    private final int position;

    /**
     * @param position of the character at which it is wrong, from 1
     */
    MalformedInterpolation(int position, String problem) {
        super("at character %d: %s".formatted(position, problem));
        this.position = position;
    }

    /** Of the character at which it is wrong, from 1; one beyond U+FFFF counts once. */
    public int position() {
        return position;
    }
}
