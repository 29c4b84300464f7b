package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Act;
import io.buildledger.configuring.AccessName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What programs show in place of a password, a line {@code NAME:HASH:USER:ACTS:EXPIRES} each. The
 * hash is the SHA-256 of the token in hexadecimal; a token is random, and long enough that nobody
 * can try them all.
 */
public final class TokensFile {

    /**
     * @param name of the token
     * @param user in whose name it acts
     * @param acts what it is for; its user may it, too
     * @param expires from when on it is nobody's
     */
    public record Token(String name, String hash, String user, Set<Act> acts, Instant expires) {

        /** What it is for, as roles call it, with commas between. */
        public String words() {
            return acts.stream().sorted().map(TokensFile::word).collect(Collectors.joining(","));
        }

        /** Its line in the file. */
        String line() {
            return String.join(":", name, hash, user, words(), expires.toString());
        }
    }

    /** What all begin with, so that one is known for what it is where it does not belong. */
    private static final String PREFIX = "blt_";

    private static final String REMEDY =
            "'bin/buildledger token new' makes it with the first token";
    private static final int RANDOM_BYTES = 32;
    private static final int FIELDS = 5;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final Map<String, Token> byHash = new LinkedHashMap<>();

    private TokensFile() {}

    /**
     * Reads all of it, also what has expired.
     *
     * @throws UnusableAccessException if it can't be read, if others than its owner and group may,
     *     or if it has a line that is none
     */
    public static TokensFile read(Path file) {
        return of(FileLines.of(file, REMEDY));
    }

    private static TokensFile of(List<FileLines.Line> lines) {
        TokensFile tokens = new TokensFile();
        for (FileLines.Line line : lines) {
            Token token = token(line);
            if (tokens.has(token.name())) {
                throw line.problem(
                        "has a token %s once more: give one of them another name"
                                .formatted(token.name()));
            }
            Token same = tokens.byHash.put(token.hash(), token);
            if (same != null) {
                throw line.problem(
                        "%s is the same token as %s: delete one of them"
                                .formatted(token.name(), same.name()));
            }
        }
        return tokens;
    }

    private static Token token(FileLines.Line line) {
        String[] fields = line.text().split("\\s*:\\s*", FIELDS);
        if (fields.length < FIELDS || fields[0].isEmpty() || fields[2].isEmpty()) {
            throw line.problem("is not like NAME:HASH:USER:ACTS:EXPIRES");
        }
        if (!AccessName.isOne(fields[0])) {
            throw line.problem("does not begin with " + AccessName.RULE);
        }
        if (!HASH.matcher(fields[1]).matches()) {
            // It may be the token itself, which is for nobody's eyes.
            throw line.problem(
                    "what stands behind %s is no SHA-256 in hexadecimal: make the line by 'bin/buildledger token new'"
                            .formatted(fields[0]));
        }
        if (!AccessName.isOne(fields[2])) {
            throw line.problem("the user of %s is not %s".formatted(fields[0], AccessName.RULE));
        }
        Set<Act> acts;
        try {
            acts = acts(fields[3]);
        } catch (IllegalArgumentException e) {
            throw line.problem(String.valueOf(e.getMessage()));
        }
        try {
            return new Token(fields[0], fields[1], fields[2], acts, Instant.parse(fields[4]));
        } catch (DateTimeParseException e) {
            throw line.problem("'%s' is no time like 2027-01-31T00:00:00Z".formatted(fields[4]));
        }
    }

    /**
     * What somebody may do, as it is written.
     *
     * @param words as roles call it, with commas between
     * @throws IllegalArgumentException if one is none; the message is for people
     */
    public static Set<Act> acts(String words) {
        Set<Act> acts = EnumSet.noneOf(Act.class);
        for (String word : words.split(",", -1)) {
            acts.add(act(word.strip()));
        }
        return acts;
    }

    private static Act act(String word) {
        for (Act act : Act.values()) {
            if (word(act).equals(word)) {
                return act;
            }
        }
        throw new IllegalArgumentException(
                "'%s' is nothing that somebody may do: it is one of %s"
                        .formatted(
                                word,
                                Arrays.stream(Act.values())
                                        .map(TokensFile::word)
                                        .collect(Collectors.joining(", "))));
    }

    private static String word(Act act) {
        return act.name().toLowerCase(Locale.ROOT);
    }

    static String hash(String token) {
        return DigestUtils.sha256Hex(token);
    }

    /** The one that was shown, whether or not it has expired. */
    Optional<Token> find(String shown) {
        return Optional.ofNullable(byHash.get(hash(shown)));
    }

    /** In the order of the file, also those that have expired. */
    public Collection<Token> all() {
        return Collections.unmodifiableCollection(byHash.values());
    }

    private boolean has(String name) {
        return byHash.values().stream().anyMatch(it -> it.name().equals(name));
    }

    /**
     * Makes a token. Masters know it from the next request on.
     *
     * @param file made, if there is none, for this user alone
     * @return the token, which is nowhere else
     * @throws IllegalArgumentException if name or user can't be one; the message is for people
     * @throws UnusableAccessException if there is a token of this name, or if the file can't be
     *     used; it is as it was then
     */
    public static String make(Path file, String name, String user, Set<Act> acts, Instant expires) {
        FileLines.requireName("NAME", name);
        FileLines.requireName("--user", user);
        byte[] random = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(random);
        String token = PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(random);
        Token made = new Token(name, hash(token), user, acts, expires);
        ChangedFile.change(
                file,
                lines -> {
                    if (of(FileLines.of(file, lines)).has(name)) {
                        throw new UnusableAccessException(
                                "%s: there is a token %s: revoke it before, or name another"
                                        .formatted(file, name));
                    }
                    lines.add(made.line());
                    return lines;
                });
        return token;
    }

    /**
     * Takes a token back, from the next request on, whatever else is wrong with the file.
     *
     * @return false if there is none of this name
     * @throws UnusableAccessException if the file can't be read or written
     */
    public static boolean revoke(Path file, String name) {
        if (Files.notExists(file)) {
            return false;
        }
        AtomicBoolean wasThere = new AtomicBoolean();
        ChangedFile.change(
                file,
                lines -> {
                    for (FileLines.Line line : FileLines.of(file, lines).reversed()) {
                        if (line.name().equals(name)) {
                            lines.remove(line.number() - 1);
                            wasThere.set(true);
                        }
                    }
                    return lines;
                });
        return wasThere.get();
    }
}
