package io.buildledger.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The texts that tell a secret: its value, each of its lines, and what common tools make of them.
 */
final class SecretForms {

    /** A shorter line of a secret with several is something that other texts have, too. */
    static final int SHORTEST_LINE = 6;

    /** As above, in characters of base64. */
    static final int SHORTEST_BASE64 = 8;

    /** In bytes; what is longer is looked for as it is alone, for the sake of memory. */
    static final int LONGEST_ENCODED = 1024;

    private static final HexFormat HEX = HexFormat.of().withUpperCase();

    private static final String UNRESERVED =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

    private SecretForms() {}

    static Set<String> of(String value) {
        Set<String> forms = new LinkedHashSet<>();
        List<String> lines = value.lines().toList();
        if (lines.size() == 1) {
            addEncoded(forms, value);
            addEncoded(forms, value.strip());
        } else {
            forms.add(value);
            forms.add(value.strip());
            forms.add(String.join("\n", lines));
            // As a terminal prints it.
            forms.add(String.join("\r\n", lines));
            lines.stream()
                    .map(String::strip)
                    .filter(it -> it.length() >= SHORTEST_LINE)
                    .forEach(it -> addEncoded(forms, it));
        }
        if (isShort(value)) {
            addBase64(forms, value.getBytes(UTF_8));
        }
        return forms;
    }

    private static boolean isShort(String text) {
        return text.getBytes(UTF_8).length <= LONGEST_ENCODED;
    }

    private static void addEncoded(Set<String> forms, String line) {
        forms.add(line);
        if (!isShort(line)) {
            return;
        }
        // In forms; in addresses; in addresses by those who leave slashes; in JavaScript.
        forms.add(URLEncoder.encode(line, UTF_8));
        forms.add(percentEncoded(line, UNRESERVED));
        forms.add(percentEncoded(line, UNRESERVED + "/"));
        forms.add(percentEncoded(line, UNRESERVED + "!*'()"));
        // In JSON; in a shell's trace (set -x).
        forms.add(new String(JsonStringEncoder.getInstance().quoteAsCharArray(line)));
        forms.add(line.replace("'", "'\\''"));
    }

    private static String percentEncoded(String text, String kept) {
        StringBuilder encoded = new StringBuilder();
        for (byte it : text.getBytes(UTF_8)) {
            if (kept.indexOf(it) >= 0) {
                encoded.append((char) it);
            } else {
                encoded.append('%').append(HEX.toHexDigits(it));
            }
        }
        return encoded.toString();
    }

    /**
     * What base64 makes of it wherever it stands in what is encoded, as behind the user of HTTP's
     * basic authentication: there are three ways, by the number of bytes before it. Characters at
     * its ends that are of its neighbours, too, are left out.
     */
    private static void addBase64(Set<String> forms, byte[] value) {
        for (Base64.Encoder encoder : List.of(Base64.getEncoder(), Base64.getUrlEncoder())) {
            for (int before = 0; before < 3; before++) {
                byte[] bytes = new byte[before + value.length];
                System.arraycopy(value, 0, bytes, before, value.length);
                String encoded = encoder.encodeToString(bytes);
                int begin = (before * 8 + 5) / 6;
                addLong(forms, encoded.substring(begin, bytes.length * 8 / 6));
                // It may be the last, too.
                addLong(forms, encoded.substring(begin).replace("=", ""));
                addLong(forms, encoded.substring(begin));
            }
        }
    }

    private static void addLong(Set<String> forms, String base64) {
        if (base64.length() >= SHORTEST_BASE64) {
            forms.add(base64);
        }
    }
}
