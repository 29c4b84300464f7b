package io.buildledger.domain.changing;

import com.google.re2j.Pattern;

/**
 * A pattern of paths in a repository, with {@code /} between directories whatever the system:
 * {@code *} stands for any characters within a directory, {@code ?} for one of them, {@code **} for
 * any directories as well, {@code [a-z]} for one character of some and {@code [!a-z]} for one of
 * the others, <code>{java,kt}</code> for alternatives; {@code docs/} means everything below that
 * directory. A path matches as a whole. There is no escape: {@code [*]} is an asterisk.
 */
public final class PathGlob {

    private final String glob;
    private final TextPattern pattern;

    /**
     * @throws IllegalArgumentException if it is none; the message says why
     */
    public PathGlob(String glob) {
        this.glob = glob;
        try {
            this.pattern = new TextPattern(new Translation(glob).regex());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "'%s' is not a pattern of paths: every [ needs its ], every { its }"
                            .formatted(glob),
                    e);
        }
    }

    /** A glob as it becomes a regular expression, from its start to its end. */
    private static final class Translation {

        private final String glob;
        private final StringBuilder regex = new StringBuilder();
        private int braces;
        private int at;

        Translation(String glob) {
            this.glob = glob.endsWith("/") ? glob + "**" : glob;
        }

        String regex() {
            while (at < glob.length()) {
                if (take("**/")) {
                    regex.append("(?:.*/)?");
                } else if (take("**")) {
                    regex.append(".*");
                } else if (take("*")) {
                    regex.append("[^/]*");
                } else if (take("?")) {
                    regex.append("[^/]");
                } else if (take("[")) {
                    characters();
                } else if (take("{")) {
                    regex.append("(?:");
                    braces++;
                } else if (braces > 0 && take("}")) {
                    regex.append(')');
                    braces--;
                } else if (braces > 0 && take(",")) {
                    regex.append('|');
                } else if (glob.charAt(at) == '}') {
                    throw new IllegalArgumentException("} without {");
                } else {
                    regex.append(Pattern.quote(next()));
                }
            }
            return regex.toString();
        }

        /** A {@code ]} that comes first stands for itself. */
        private void characters() {
            regex.append(take("!") ? "[^/" : "[");
            int first = at;
            while (at == first || !glob.startsWith("]", at)) {
                if (at >= glob.length()) {
                    throw new IllegalArgumentException("[ without ]");
                }
                String character = next();
                regex.append(character.equals("-") ? "-" : Pattern.quote(character));
            }
            at++;
            regex.append(']');
        }

        private String next() {
            String character = Character.toString(glob.codePointAt(at));
            at += character.length();
            return character;
        }

        private boolean take(String token) {
            boolean isNext = glob.startsWith(token, at);
            at += isNext ? token.length() : 0;
            return isNext;
        }
    }

    public boolean matches(String path) {
        return pattern.matches(path);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof PathGlob it && it.glob.equals(glob);
    }

    @Override
    public int hashCode() {
        return glob.hashCode();
    }

    @Override
    public String toString() {
        return glob;
    }
}
