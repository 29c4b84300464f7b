package io.buildledger.scheduler.admitting;

import io.buildledger.configuring.Access.Act;
import java.nio.file.Path;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.apache.commons.codec.digest.DigestUtils;

/**
 * What programs show in place of a password, a line {@code NAME:HASH:USER:ACTS:EXPIRES} each. The
 * hash is the SHA-256 of the token in hexadecimal; a token is random, and long enough that nobody
 * can try them all.
 */
final class TokensFile {

    /**
     * @param name of the token
     * @param user in whose name it acts
     * @param acts what it is for; its user may it, too
     * @param expires from when on it is nobody's
     */
    record Token(String name, String hash, String user, Set<Act> acts, Instant expires) {

        /** Its line in the file. */
        String line() {
            return String.join(
                    ":",
                    name,
                    hash,
                    user,
                    String.join(",", acts.stream().map(Token::word).toList()),
                    expires.toString());
        }

        private static String word(Act act) {
            return act.name().toLowerCase(Locale.ROOT);
        }
    }

    private static final int FIELDS = 5;
    private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

    private final Map<String, Token> byHash = new TreeMap<>();

    private TokensFile() {}

    /**
     * Reads all of it, also what has expired.
     *
     * @throws UnusableAccessException if it can't be read, or has a line that is none
     */
    static TokensFile read(Path file) {
        TokensFile tokens = new TokensFile();
        for (FileLines.Line line : FileLines.of(file)) {
            Token token = token(line);
            tokens.byHash.put(token.hash(), token);
        }
        return tokens;
    }

    private static Token token(FileLines.Line line) {
        String[] fields = line.text().split(":", FIELDS);
        if (fields.length < FIELDS || fields[0].isBlank() || fields[2].isBlank()) {
            throw line.problem("is not like NAME:HASH:USER:ACTS:EXPIRES");
        }
        if (!HASH.matcher(fields[1]).matches()) {
            throw line.problem("'%s' is no SHA-256 in hexadecimal".formatted(fields[1]));
        }
        Set<Act> acts = EnumSet.noneOf(Act.class);
        for (String word : fields[3].split(",", -1)) {
            acts.add(act(line, word.strip()));
        }
        try {
            return new Token(fields[0], fields[1], fields[2], acts, Instant.parse(fields[4]));
        } catch (DateTimeParseException e) {
            throw line.problem("'%s' is no time like 2027-01-31T00:00:00Z".formatted(fields[4]));
        }
    }

    private static Act act(FileLines.Line line, String word) {
        for (Act act : Act.values()) {
            if (Token.word(act).equals(word)) {
                return act;
            }
        }
        throw line.problem("'%s' is nothing that somebody may do".formatted(word));
    }

    static String hash(String token) {
        return DigestUtils.sha256Hex(token);
    }

    /** The one that was shown, whether or not it has expired. */
    Optional<Token> find(String shown) {
        return Optional.ofNullable(byHash.get(hash(shown)));
    }
}
