package io.buildledger.builder.logging;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which log a spool file holds; the file's first line says so. */
record LogKey(String builder, long build, int step, String name) {

    private static final Pattern LINE = Pattern.compile("(\\S+) (\\d{1,18}) (\\d{1,9}) (\\S+)");

    /** Without the newline; ASCII alone. */
    String toLine() {
        return "%s %d %d %s".formatted(encode(builder), build, step, encode(name));
    }

    static LogKey ofLine(String line) throws IOException {
        Matcher matcher = LINE.matcher(line);
        if (!matcher.matches()) {
            throw new IOException("does not begin with the name of a log");
        }
        return new LogKey(
                decode(matcher.group(1)),
                Long.parseLong(matcher.group(2)),
                Integer.parseInt(matcher.group(3)),
                decode(matcher.group(4)));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
