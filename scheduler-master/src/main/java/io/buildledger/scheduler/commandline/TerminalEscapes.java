package io.buildledger.scheduler.commandline;

import io.buildledger.showing.Printable;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;

/**
 * Has JSON escape what a terminal would obey, or would show a text in another order for: of the
 * control characters JSON itself asks it for those of seven bits alone.
 */
final class TerminalEscapes extends CharacterEscapes {

    private static final int DELETE = 0x7F;

    @Override
    public int[] getEscapeCodesForAscii() {
        int[] codes = standardAsciiEscapesForJSON();
        codes[DELETE] = ESCAPE_STANDARD;
        return codes;
    }

    @Override
    public @Nullable SerializableString getEscapeSequence(int character) {
        return Printable.isReplaced(character)
                ? new SerializedString("\\u%04x".formatted(character))
                : null;
    }
}
