package io.buildledger.scheduler.serving;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A line that was meant for a terminal, as parts of one look each: what "Select Graphic Rendition"
 * of ECMA-48 says of colours and the like. Each line begins plain. Colours are those sixteen whose
 * shades a page chooses; others become the nearest of them. All other sequences are left out, and
 * what a terminal would have overwritten by what follows a carriage return.
 */
final class TerminalText {

    /**
     * @param style names of styles, in one text; empty for plain text
     */
    record Span(String text, String style) {}

    private enum Trait {
        BOLD,
        FAINT,
        ITALIC,
        UNDERLINE,
        STRUCK
    }

    private static final List<String> COLOURS =
            List.of("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white");

    /** Colours and the like, other controls, and commands that hold a text, such as titles. */
    private static final Pattern SEQUENCE =
            Pattern.compile(
                    "\u001b\\[(?<parameters>[0-?]*)[ -/]*(?:(?<end>[@-~])|$)|\u001b[PX\\]^_][^\u0007\u001b]*(?:\u0007|\u001b\\\\)?|\u001b[ -/]*[0-Z\\\\-~]?");

    /** What terminals have of their own begins so. */
    private static final String PRIVATE = "<=>?";

    /** A text's colour, that behind it, and that of its underline. */
    private static final Set<Integer> EXTENDED = Set.of(38, 48, 58);

    private static final int[] CUBE = {0, 95, 135, 175, 215, 255};

    private final List<Span> spans = new ArrayList<>();
    private final Set<Trait> traits = EnumSet.noneOf(Trait.class);
    private @Nullable String foreground;
    private @Nullable String background;
    private boolean isInverse;

    private TerminalText() {}

    static List<Span> of(String line) {
        return new TerminalText().read(line);
    }

    private List<Span> read(String line) {
        int from = startOfLast(line);
        Matcher sequence = SEQUENCE.matcher(line);
        int end = 0;
        while (sequence.find()) {
            add(line, Math.max(from, end), sequence.start());
            end = sequence.end();
            if ("m".equals(sequence.group("end"))) {
                render(sequence.group("parameters"));
            }
        }
        add(line, Math.max(from, end), line.length());
        return spans;
    }

    /** Of what was written over it only the colours stay. */
    private static int startOfLast(String line) {
        int end = line.length();
        while (end > 0 && line.charAt(end - 1) == '\r') {
            end--;
        }
        return line.lastIndexOf('\r', end - 1) + 1;
    }

    private void add(String line, int from, int to) {
        String shown = from >= to ? "" : line.substring(from, to).replace("\r", "");
        if (!shown.isEmpty()) {
            spans.add(new Span(shown, style()));
        }
    }

    private String style() {
        @Nullable String front = foreground == null ? null : "front-" + foreground;
        @Nullable String behind = background == null ? null : "behind-" + background;
        if (isInverse) {
            front = background == null ? "front-page" : "front-" + background;
            behind = foreground == null ? "behind-text" : "behind-" + foreground;
        }
        return Stream.concat(
                        traits.stream().map(it -> it.name().toLowerCase(Locale.ROOT)),
                        Stream.<@Nullable String>of(front, behind).filter(Objects::nonNull))
                .collect(Collectors.joining(" "));
    }

    private void render(String parameters) {
        if (!parameters.isEmpty() && PRIVATE.indexOf(parameters.charAt(0)) >= 0) {
            return;
        }
        String[] fields = parameters.split(";", -1);
        for (int i = 0; i < fields.length; i++) {
            int[] parts = codes(fields[i].split(":", -1));
            if (parts.length > 1) {
                renderWithParts(parts);
            } else if (EXTENDED.contains(parts[0])) {
                i += extended(codes(fields), i);
            } else {
                render(parts[0]);
            }
        }
    }

    /** Some write the parts of one colour with colons, with an empty one for the space of it. */
    private void renderWithParts(int[] parts) {
        if (EXTENDED.contains(parts[0])) {
            boolean hasSpace = parts[1] == 2 && parts.length > 5;
            extended(
                    hasSpace ? new int[] {parts[0], parts[1], parts[3], parts[4], parts[5]} : parts,
                    0);
        } else if (parts[0] == 4) {
            render(parts[1] == 0 ? 24 : 4);
        }
    }

    private static int[] codes(String[] fields) {
        return Arrays.stream(fields).mapToInt(TerminalText::code).toArray();
    }

    private static int code(String text) {
        if (text.isEmpty()) {
            return 0;
        }
        return text.length() <= 3 && text.chars().allMatch(Character::isDigit)
                ? Integer.parseInt(text)
                : -1;
    }

    private void render(int code) {
        switch (code) {
            case 0 -> {
                traits.clear();
                foreground = null;
                background = null;
                isInverse = false;
            }
            case 1 -> traits.add(Trait.BOLD);
            case 2 -> traits.add(Trait.FAINT);
            case 3 -> traits.add(Trait.ITALIC);
            case 4 -> traits.add(Trait.UNDERLINE);
            case 7 -> isInverse = true;
            case 9 -> traits.add(Trait.STRUCK);
            case 22 -> traits.removeAll(Set.of(Trait.BOLD, Trait.FAINT));
            case 23 -> traits.remove(Trait.ITALIC);
            case 24 -> traits.remove(Trait.UNDERLINE);
            case 27 -> isInverse = false;
            case 29 -> traits.remove(Trait.STRUCK);
            case 39 -> foreground = null;
            case 49 -> background = null;
            default -> colour(code);
        }
    }

    private void colour(int code) {
        if (code >= 30 && code <= 37) {
            foreground = named(code - 30);
        } else if (code >= 40 && code <= 47) {
            background = named(code - 40);
        } else if (code >= 90 && code <= 97) {
            foreground = named(code - 90 + 8);
        } else if (code >= 100 && code <= 107) {
            background = named(code - 100 + 8);
        }
    }

    /**
     * Reads {@code 38;5;N} or {@code 38;2;R;G;B}, and the same with 48 and 58.
     *
     * @return how many codes after the first belong to it
     */
    private int extended(int[] codes, int at) {
        int rest = codes.length - at - 1;
        if (rest >= 2 && codes[at + 1] == 5) {
            set(codes[at], ofPalette(codes[at + 2]));
            return 2;
        }
        if (rest >= 4 && codes[at + 1] == 2) {
            set(codes[at], nearest(codes[at + 2], codes[at + 3], codes[at + 4]));
            return 4;
        }
        return rest;
    }

    private void set(int what, String colour) {
        if (what == 38) {
            foreground = colour;
        } else if (what == 48) {
            background = colour;
        }
    }

    /** The number of a colour: eight, eight bright ones, a cube of 6 by 6 by 6, 24 greys. */
    private static String ofPalette(int number) {
        if (number < 16) {
            return named(Math.max(0, number));
        }
        if (number < 232) {
            int place = number - 16;
            return nearest(CUBE[place / 36], CUBE[place / 6 % 6], CUBE[place % 6]);
        }
        int grey = 8 + 10 * (Math.min(number, 255) - 232);
        return nearest(grey, grey, grey);
    }

    private static String nearest(int red, int green, int blue) {
        int most = Math.max(red, Math.max(green, blue));
        int least = Math.min(red, Math.min(green, blue));
        if (most - least < 48) {
            return most < 64 ? named(0) : most < 128 ? named(8) : most < 208 ? named(7) : named(15);
        }
        int half = (most + least) / 2;
        int colour = (red > half ? 1 : 0) + (green > half ? 2 : 0) + (blue > half ? 4 : 0);
        return named(most > 208 ? colour + 8 : colour);
    }

    private static String named(int number) {
        return (number >= 8 ? "bright-" : "") + COLOURS.get(number % 8);
    }
}
