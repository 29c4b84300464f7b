package io.buildledger.secrets;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class ScrubberTest {

    private final ByteArrayOutputStream seen = new ByteArrayOutputStream();

    private static Scrubber knowing(String... secrets) {
        Scrubber scrubber = new Scrubber();
        for (String secret : secrets) {
            String[] nameAndValue = secret.split("=", 2);
            scrubber.add(new Secret(nameAndValue[0], nameAndValue[1]));
        }
        return scrubber;
    }

    private ScrubbedStream stream(Scrubber scrubber) {
        return scrubber.stream((bytes, count) -> seen.write(bytes, 0, count));
    }

    private static void write(ScrubbedStream stream, String text) {
        byte[] bytes = text.getBytes(UTF_8);
        stream.write(bytes, bytes.length);
    }

    private String seen() {
        return seen.toString(UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    a=hunter2                 | nothing here                  | nothing here
                    a=hunter2                 | hunter2                       | <a>
                    a=hunter2                 | x hunter2, hunter2hunter2 y   | x <a>, <a><a> y
                    a=hunter2                 | hunter hunter                 | hunter hunter
                    a=hunter2                 | huhunter2                     | hu<a>
                    a=hunter2                 | HUNTER2                       | HUNTER2
                    a=hunter2,b=pa55word      | hunter2 pa55word              | <a> <b>
                    a=hunter2,b=hunter2       | hunter2                       | <a>
                    a=hunter2,a=hunter3       | hunter2 hunter3               | <a> <a>
                    a=abc,b=xabcy             | xabcy abc xabc                | <b> <a> x<a>
                    a=abc,b=abcdef            | abcdef abcde                  | <b> <a>de
                    a=abcd,b=cdef             | abcdef abcdabcdef             | <a><b> <a><a><b>
                    a=abcd,b=bcd,c=cdefg      | abcdefg                       | <a><c>
                    a=aaa                     | aaaaa aa aaaa                 | <a><a> aa <a><a>
                    a=abab                    | abababx                       | <a><a>x
                    a=größe7                  | die größe7 ist groß           | die <a> ist groß
                    `a= padded `              | `x padded y padded, padded`   | x<a>y <a>, <a>
                    a=p@ss w/rd+%             | p%40ss+w%2Frd%2B%25           | <a>
                    a=p@ss w/rd+%             | https://me:p%40ss%20w%2Frd%2B%25@example.org | https://me:<a>@example.org
                    a=p@ss w/rd+%             | p%40ss%20w/rd%2B%25           | <a>
                    a=it's(*)                 | it's%28*%29 it's(*)           | it's%28*%29 <a>
                    a=it's(*)                 | it's(*) it%27s%28%2A%29       | <a> <a>
                    a=say "x\\y"              | {"key": "say \\"x\\\\y\\""}   | {"key": "<a>"}
                    a=it's me                 | + curl -u 'me:it'\\''s me'    | + curl -u 'me:<a>'
                    """)
    void every_occurrence_is_replaced_by_the_secrets_name(
            String secrets, String text, String expected) {
        assertThat(knowing(secrets.split(",")).scrub(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            textBlock =
                    """
                    me:hunter2
                    a:hunter2
                    m:hunter2
                    you and:hunter2
                    hunter2
                    hunter2, and more
                    x hunter2>? and more
                    """,
            delimiter = '|')
    void in_base64_it_is_found_wherever_it_stands(String text) {
        for (Base64.Encoder encoder :
                List.of(Base64.getEncoder(), Base64.getEncoder().withoutPadding())) {
            String encoded = encoder.encodeToString(text.getBytes(UTF_8));

            String scrubbed = knowing("a=hunter2").scrub("Authorization: Basic " + encoded + "\n");

            assertThat(scrubbed).contains("<a>").endsWith("\n");
            String rest = scrubbed.replace("Authorization: Basic ", "").strip();
            // The characters that the secret shares with its neighbours stay.
            assertThat(encoded).startsWith(rest.substring(0, rest.indexOf("<a>")));
            assertThat(encoded).endsWith(rest.substring(rest.indexOf("<a>") + 3));
            assertThat(encoded.length() - rest.replace("<a>", "").length())
                    .as(scrubbed)
                    .isGreaterThanOrEqualTo(8);
        }
    }

    @Test
    void base64_for_addresses_is_found_too() {
        String secret = "\u00ff\u00fe?>~~hunter2";
        String encoded = Base64.getUrlEncoder().encodeToString(secret.getBytes(UTF_8));
        assertThat(encoded).containsAnyOf("-", "_");

        assertThat(knowing("a=" + secret).scrub("x=" + encoded)).isEqualTo("x=<a>");
    }

    @Test
    void of_a_secret_of_several_lines_each_long_line_is_one() {
        Scrubber scrubber =
                knowing(
                        "key=-----BEGIN KEY-----\nMIIEvQIBADAN\n  indented7\nshort\n-----END KEY-----");

        assertThat(scrubber.scrub("MIIEvQIBADAN")).isEqualTo("<key>");
        assertThat(scrubber.scrub("> indented7")).isEqualTo("> <key>");
        assertThat(scrubber.scrub("that is short")).isEqualTo("that is short");
        assertThat(
                        scrubber.scrub(
                                "x -----BEGIN KEY-----\nMIIEvQIBADAN\n  indented7\nshort\n-----END KEY----- y"))
                .isEqualTo("x <key> y");
        assertThat(
                        scrubber.scrub(
                                "-----BEGIN KEY-----\r\nMIIEvQIBADAN\r\n  indented7\r\nshort\r\n-----END KEY-----\r\n"))
                .isEqualTo("<key>\r\n");
        assertThat(scrubber.scrub("-----BEGIN KEY-----\\nMIIEvQIBADAN\\n  indented7\\nshort"))
                .isEqualTo("<key>\\n<key>\\n  <key>\\nshort");
    }

    @Test
    void a_name_is_shown_as_it_is_but_for_what_would_break_the_line() {
        Scrubber scrubber = new Scrubber();
        scrubber.add(new Secret("path/to|key\n", "hunter2"));

        assertThat(scrubber.scrub("hunter2")).isEqualTo("<path/to|key >");
    }

    @Test
    void a_new_scrubber_lets_everything_pass_at_once() {
        ScrubbedStream stream = stream(new Scrubber());
        write(stream, "hunter2");

        assertThat(seen()).isEqualTo("hunter2");
        assertThat(new Scrubber().scrub("hunter2")).isEqualTo("hunter2");
    }

    @Test
    void a_secret_in_pieces_is_found() {
        ScrubbedStream stream = stream(knowing("a=hunter2"));
        for (char letter : "my hunter2!".toCharArray()) {
            write(stream, String.valueOf(letter));
        }

        assertThat(seen()).isEqualTo("my <a>!");
    }

    @Test
    void only_what_may_become_a_secret_is_held_back_until_the_stream_ends() {
        ScrubbedStream stream = stream(knowing("a=hunter2", "b=terminal"));
        write(stream, "my hunter");
        assertThat(seen()).isEqualTo("my ");
        write(stream, "m");
        assertThat(seen()).isEqualTo("my hun");
        stream.flush();
        assertThat(seen()).isEqualTo("my hunterm");

        write(stream, "inal");
        stream.flush();
        stream.flush();
        assertThat(seen()).isEqualTo("my hunterminal");
    }

    @Test
    void a_secret_that_is_complete_is_not_held_back() {
        ScrubbedStream stream = stream(knowing("a=hunter2"));
        write(stream, "hunter2");

        assertThat(seen()).isEqualTo("<a>");
    }

    @Test
    void a_secret_that_may_be_a_longer_one_waits_for_what_follows() {
        Scrubber scrubber = knowing("a=hunter2", "b=hunter2000");
        ScrubbedStream stream = stream(scrubber);
        write(stream, "hunter2");
        assertThat(seen()).isEmpty();
        write(stream, "0!");
        assertThat(seen()).isEqualTo("<a>0!");
        write(stream, "hunter2000");
        assertThat(seen()).isEqualTo("<a>0!<b>");
    }

    @Test
    void a_secret_that_becomes_known_meanwhile_counts_from_what_is_held_back() {
        Scrubber scrubber = new Scrubber();
        ScrubbedStream stream = stream(scrubber);
        write(stream, "pa55word hunt");
        scrubber.add(new Secret("a", "hunter2"));
        write(stream, "er2 hunter2 pa55w");
        scrubber.add(new Secret("b", "pa55word"));
        write(stream, "ord hunter");
        scrubber.add(new Secret("c", "hunter3"));
        write(stream, "3 hunt");
        scrubber.add(new Secret("d", "hunt"));
        stream.flush();

        assertThat(seen()).isEqualTo("pa55word hunter2 <a> pa55word <c> <d>");
    }

    @Test
    void bytes_that_are_no_text_pass_as_they_are() {
        byte[] bytes = new byte[100_000];
        new Random(7).nextBytes(bytes);
        ScrubbedStream stream = stream(knowing("a=hunter2", "b=pa55word"));
        stream.write(bytes, bytes.length);
        stream.flush();

        assertThat(seen.toByteArray()).isEqualTo(bytes);
    }

    /** All pieces, however they overlap, against a search from each position. */
    @Test
    void at_random_it_replaces_what_a_plain_search_replaces() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 3_000; round++) {
            String letters = "abcdef".substring(0, 2 + random.nextInt(5));
            Map<String, String> secrets = new LinkedHashMap<>();
            for (int i = 0; i < 1 + random.nextInt(5); i++) {
                secrets.putIfAbsent(text(random, letters, 3 + random.nextInt(6)), "s" + i);
            }
            String text = text(random, letters + "-", random.nextInt(200));

            assertThat(streamed(random, secrets, text))
                    .as("seed %d, round %d: %s in %s", seed, round, secrets, text)
                    .isEqualTo(searched(secrets, text));
        }
    }

    /** Where secrets do not overlap, it is what Buildbot does: the longest first. */
    @Test
    void at_random_it_replaces_what_String_replace_does() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 1_000; round++) {
            Map<String, String> secrets = new LinkedHashMap<>();
            for (int i = 0; i < 1 + random.nextInt(20); i++) {
                secrets.putIfAbsent(text(random, "aäb€😀", 3 + random.nextInt(6)), "s" + i);
            }
            StringBuilder text = new StringBuilder();
            List<String> values = List.copyOf(secrets.keySet());
            for (int i = 0; i < 30; i++) {
                text.append(
                                random.nextBoolean()
                                        ? values.get(random.nextInt(values.size()))
                                        : text(random, "äöü\n", random.nextInt(4)))
                        .append(random.nextInt(10));
            }
            String expected = text.toString();
            for (String value :
                    values.stream()
                            .sorted((one, other) -> other.length() - one.length())
                            .toList()) {
                expected = expected.replace(value, "<" + secrets.get(value) + ">");
            }

            assertThat(streamed(random, secrets, text.toString()))
                    .as("seed %d, round %d: %s in %s", seed, round, secrets, text)
                    .isEqualTo(expected);
        }
    }

    private static String text(Random random, String letters, int length) {
        int[] characters = letters.codePoints().toArray();
        int[] text =
                IntStream.range(0, length)
                        .map(_ -> characters[random.nextInt(characters.length)])
                        .toArray();
        return new String(text, 0, length);
    }

    private static String streamed(Random random, Map<String, String> secrets, String text) {
        Scrubber scrubber = new Scrubber();
        secrets.forEach((value, name) -> scrubber.add(new Secret(name, value)));
        int longest = scrubber.automaton() == null ? 0 : scrubber.automaton().longest();
        ByteArrayOutputStream scrubbed = new ByteArrayOutputStream();
        ScrubbedStream stream = scrubber.stream((bytes, count) -> scrubbed.write(bytes, 0, count));
        byte[] bytes = text.getBytes(UTF_8);
        int written = 0;
        while (written < bytes.length) {
            int count = Math.min(bytes.length - written, random.nextInt(12));
            byte[] piece = Arrays.copyOfRange(bytes, written, written + count);
            stream.write(piece, count);
            Arrays.fill(piece, (byte) '?');
            written += count;
            assertThat(stream.heldBack()).isLessThan(longest);
        }
        stream.flush();
        assertThat(stream.heldBack()).isZero();
        return scrubbed.toString(UTF_8);
    }

    private static String searched(Map<String, String> secrets, String text) {
        StringBuilder scrubbed = new StringBuilder();
        int position = 0;
        while (position < text.length()) {
            int end = position;
            String name = "";
            for (int start = Math.max(0, position - 8); start <= position; start++) {
                for (Map.Entry<String, String> secret : secrets.entrySet()) {
                    if (text.startsWith(secret.getKey(), start)
                            && start + secret.getKey().length() > end) {
                        end = start + secret.getKey().length();
                        name = secret.getValue();
                    }
                }
            }
            if (end == position) {
                scrubbed.append(text.charAt(position++));
            } else {
                scrubbed.append('<').append(name).append('>');
                position = end;
            }
        }
        return scrubbed.toString();
    }

    /** Secrets that become known in the middle, whatever is held back then. */
    @Test
    void at_random_no_secret_is_seen_that_began_when_it_was_known() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Scrubber scrubber = new Scrubber();
            ByteArrayOutputStream scrubbed = new ByteArrayOutputStream();
            ScrubbedStream stream =
                    scrubber.stream((bytes, count) -> scrubbed.write(bytes, 0, count));
            List<String> values = new ArrayList<>();
            StringBuilder since = new StringBuilder();
            for (int i = 0; i < 6; i++) {
                String value = text(random, "abc", 3 + random.nextInt(5));
                values.add(value);
                scrubber.add(new Secret("S" + i, value));
                int before = scrubbed.size();
                for (int piece = 0; piece < 5; piece++) {
                    String text = text(random, "abc", random.nextInt(6));
                    since.append(text);
                    write(stream, text);
                }
                String seen = scrubbed.toString(UTF_8).substring(before);
                assertThat(values)
                        .as("seed %d, round %d: %s in %s gave %s", seed, round, values, since, seen)
                        .noneMatch(seen::contains);
            }
        }
    }
}
