package io.buildledger.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.buildledger.showing.Printable;
import java.io.ByteArrayOutputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Takes the secrets that it was told of out of what can be seen, and puts {@code <NAME>} in their
 * place. A secret is found as it is, without the space around it, and as it is in addresses, in
 * JSON, in a shell's trace and in base64; of one that has several lines, each line of at least
 * {@value SecretForms#SHORTEST_LINE} characters too. It is not found where it is changed in another
 * way.
 *
 * <p>A new one knows no secret and lets everything pass. Threads may use it at once.
 */
public final class Scrubber {

    private final Map<String, String> replacements = new LinkedHashMap<>();
    private volatile @Nullable Automaton automaton;

    /** Takes a secret out from now on, also in streams that have begun. */
    public synchronized void add(Secret secret) {
        String replacement = "<" + Printable.of(secret.name()) + ">";
        boolean isNew = false;
        for (String form : SecretForms.of(secret.value())) {
            isNew |= replacements.putIfAbsent(form, replacement) == null;
        }
        if (isNew) {
            automaton = new Automaton(replacements);
        }
    }

    /** A text that is there as a whole, without the secrets. */
    public String scrub(String text) {
        if (automaton == null) {
            return text;
        }
        ByteArrayOutputStream scrubbed = new ByteArrayOutputStream(text.length());
        ScrubbedStream stream = stream((bytes, count) -> scrubbed.write(bytes, 0, count));
        byte[] bytes = text.getBytes(UTF_8);
        stream.write(bytes, bytes.length);
        stream.flush();
        return scrubbed.toString(UTF_8);
    }

    /**
     * A stream of bytes without the secrets.
     *
     * @param sink takes what is left, from the threads that write
     */
    public ScrubbedStream stream(ByteSink sink) {
        return new ScrubbedStream(this, sink);
    }

    /** What is looked for now, or null as long as no secret is known. */
    @Nullable Automaton automaton() {
        return automaton;
    }
}
