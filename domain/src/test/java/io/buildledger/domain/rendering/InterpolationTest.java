package io.buildledger.domain.rendering;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.buildledger.domain.rendering.Interpolation.Reference;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class InterpolationTest {

    private static final int MIB = 1 << 20;
    private static final int RANDOM_TEXTS = 20_000;
    private static final Pattern SELECTOR =
            Pattern.compile("(%+)(?=\\((prop|src|kw|secret|worker):)");
    private static final String[] PIECES = {
        "%",
        "%",
        "%%",
        "(",
        ")",
        ")s",
        "s",
        ":",
        ":-",
        ":~",
        ":+",
        ":?|",
        ":#?|",
        "|",
        "prop",
        "src",
        "kw",
        "secret",
        "worker",
        "(prop:",
        "(src:",
        "%(prop:a",
        "%(prop:a)s",
        "%(src::branch",
        "n",
        "refname:short",
        "%(refname)s",
        " ",
        "\n",
        "é",
        "😀",
        "\ud83d",
        "'",
        "\"",
        "\\",
        "$1",
        "\0"
    };

    private static String render(String text) {
        return Interpolation.parse(text).render(new RecordingScope());
    }

    /** What Buildbot 4.3.0's Interpolate makes of the same texts, but for the rows at the end. */
    @ParameterizedTest(name = "{0} is {1}")
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            textBlock =
                    """
                    %(prop:a)s                                          ¦ A
                    <%(prop:a)s%(prop:n)s>                              ¦ <A42>
                    %(prop:warnings-count)s                             ¦ 3
                    %(prop:schlüssel)s                                  ¦ 🗝
                    %(prop:f)s                                          ¦ 1.5
                    <%(prop:nope)s>                                     ¦ <>
                    %(prop:a:-d)s                                       ¦ A
                    <%(prop:nope:-)s>                                   ¦ <>
                    %(prop:nope:-d:e)s                                  ¦ d:e
                    %(prop:nope:-a (b) c)s                              ¦ a (b) c
                    <%(prop:empty:-d)s>                                 ¦ <>
                    %(prop:zero:-d)s                                    ¦ 0
                    %(prop:a:~d)s                                       ¦ A
                    %(prop:nope:~d)s                                    ¦ d
                    %(prop:empty:~d)s                                   ¦ d
                    %(prop:zero:~d)s                                    ¦ d
                    %(prop:no:~d)s                                      ¦ d
                    %(prop:nothing_in_it:~d)s                           ¦ d
                    %(prop:text_false:~d)s                              ¦ false
                    %(prop:a:+d)s                                       ¦ d
                    %(prop:empty:+d)s                                   ¦ d
                    <%(prop:nope:+d)s>                                  ¦ <>
                    %(prop:a:?|y|n)s                                    ¦ y
                    %(prop:no:?|y|n)s                                   ¦ y
                    %(prop:nope:?|y|n)s                                 ¦ n
                    %(prop:yes:#?|y|n)s                                 ¦ y
                    %(prop:no:#?|y|n)s                                  ¦ n
                    %(prop:empty:#?|y|n)s                               ¦ n
                    %(prop:nope:#?|y|n)s                                ¦ n
                    %(prop:yes:#?:y:n)s                                 ¦ y
                    %(prop:yes:#?😀y😀n)s                                ¦ y
                    %(prop:nope:?|y|n|m)s                               ¦ n|m
                    <%(prop:a:?||n)s>                                   ¦ <>
                    <%(prop:nope:?|y|)s>                                ¦ <>
                    %(prop:a:?|(x|y)|n)s                                ¦ (x|y)
                    %(prop:a:?%x%(prop:n)s)s                            ¦ x
                    %(prop:nope:-%(prop:a)s)s                           ¦ A
                    %(prop:nope:-(x)%(prop:nope2:-%(src::branch)s)s)s   ¦ (x)main
                    %(prop:a:?|%(prop:n)s|%(kw:k)s)s                    ¦ 42
                    %(prop:a:+-%(prop:n:+%(kw:k)s)s-)s                  ¦ -K-
                    %(src::branch)s %(src:lib:revision)s                ¦ main abc
                    %(src::repository)s %(src::project)s %(src:lib:codebase)s                            ¦ r.git proj lib
                    %(src:lib:patch_level)s %(src:lib:patch_body)s %(src:lib:patch_subdir)s              ¦ 1 diff src
                    %(src:lib:patch_author)s %(src:lib:patch_comment)s<%(src::patch_author)s>            ¦ ann try it<>
                    <%(src:none:branch)s>                               ¦ <>
                    %(src:none:branch:-d)s                              ¦ d
                    %(src::revision:~HEAD)s                             ¦ HEAD
                    %(kw:k)s<%(kw:nope)s>                               ¦ K<>
                    %(secret:token)s                                    ¦ s3cret
                    %(secret:kv/ci|key)s                                ¦ vaulted
                    %(secret:token:+set)s                               ¦ set
                    %(secret:blank:#?|set|not)s                         ¦ not
                    %(worker:os_id)s %(worker:numcpus)s %(worker:nope:-x)s  ¦ debian 4 x
                    %%(prop:a)s                                         ¦ %(prop:a)s
                    %%%(prop:a)s                                        ¦ %A
                    %%%%(prop:a)s                                       ¦ %%(prop:a)s
                    %%(prop:x:-%(prop:a)s)s                             ¦ %(prop:x:-A)s
                    %(prop:nope:-%%(prop:a)s)s                          ¦ %(prop:a)s
                    %(prop:evil)s                                       ¦ %(secret:token)s

                    # As it is not in Buildbot: absent attributes, secrets with a default, JSON, an s that is no delimiter.
                    %(src::revision:-HEAD)s                             ¦ HEAD
                    <%(src::revision:+x)s>                              ¦ <>
                    %(secret:nope:-d)s                                  ¦ d
                    %(prop:yes)s %(prop:no)s                            ¦ true false
                    %(prop:list)s %(prop:map)s %(kw:kl)s                ¦ ["x","y"] {"k":1} [1,2]
                    %(prop:a:?s%(prop:n)sslong)s                        ¦ 42
                    """)
    void a_form_is_rendered(String text, String rendered) {
        assertThat(render(text)).isEqualTo(rendered);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "date +%s",
                "%",
                "%%",
                "100%% sure",
                "git for-each-ref --format='%(refname:short) %(objectname)s'",
                "printf '%s\\n' \"$x\"",
                "%(prop)s",
                "%(props:x)s",
                "%(porp:x)s",
                "%(PROP:x)s",
                "%( prop:x)s",
                "% (prop:x)s",
                "(prop:x)s",
                "%(a)s",
                "%%%(a)s",
                "%d %5d %(",
                "a\0b\r\n\ud83d",
            })
    void any_other_text_stays_as_it_is(String text) {
        Interpolation interpolation = Interpolation.parse(text);

        assertThat(interpolation.render(new RecordingScope())).isEqualTo(text);
        assertThat(interpolation.references()).isEmpty();
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '`',
            textBlock =
                    """
                    %(prop:x                     ¦ 1  ¦ '%(prop:x' is not closed
                    ab😀 %(prop:x                ¦ 5  ¦ is not closed
                    %(prop:                      ¦ 1  ¦ is not closed
                    %(prop:x:                    ¦ 1  ¦ is not closed
                    %(prop:x:-                   ¦ 1  ¦ is not closed
                    %(prop:x:-(d)s               ¦ 1  ¦ brackets within it come in pairs
                    %(prop:x:?                   ¦ 1  ¦ is not closed
                    %(prop:x:?|y                 ¦ 1  ¦ is not closed
                    %(prop:x:?|y|n               ¦ 1  ¦ is not closed
                    %(src:                       ¦ 1  ¦ is not closed
                    %(src::branch                ¦ 1  ¦ is not closed
                    %(prop:x)                    ¦ 10 ¦ '%(prop:x)' lacks the s
                    %(prop:x)d                   ¦ 10 ¦ lacks the s
                    %(prop:x:-%(prop:y))s        ¦ 20 ¦ '%(prop:y)' lacks the s
                    %(prop:)s                    ¦ 8  ¦ '%(prop:' lacks the name of a property
                    %(prop::-d)s                 ¦ 8  ¦ lacks the name of a property
                    %(secret:)s                  ¦ 10 ¦ lacks the name of a secret
                    %(kw:)s                      ¦ 6  ¦ lacks the name of a keyword
                    %(src::)s                    ¦ 8  ¦ lacks the name of an attribute
                    %(src:lib)s                  ¦ 1  ¦ '%(src:lib' has no attribute
                    %(src:lib:brunch)s           ¦ 11 ¦ a source stamp has no 'brunch', it has branch, revision,
                    %(src:a b:branch)s           ¦ 8  ¦ ' ' can't be in the name of an attribute
                    %(prop:a b)s                 ¦ 9  ¦ ' ' can't be in the name of a property: letters, digits and _ . - can
                    %(prop: a)s                  ¦ 8  ¦ ' ' can't be in the name
                    %(prop:a/b)s                 ¦ 9  ¦ '/' can't be in the name
                    %(secret:a b)s               ¦ 11 ¦ letters, digits and _ . - / | can
                    %(prop:a😀)s                 ¦ 9  ¦ '😀' can't be in the name
                    %(prop:a:)s                  ¦ 10 ¦ ')' after '%(prop:a:': one of - ~ + ? #? is right there
                    %(prop:a:=x)s                ¦ 10 ¦ '=' after '%(prop:a:'
                    %(prop:a:#|x|y)s             ¦ 10 ¦ '#' after '%(prop:a:'
                    %(prop:a:?)s                 ¦ 11 ¦ '?' needs a delimiter
                    %(prop:a:?(y(n)s             ¦ 11 ¦ '?' needs a delimiter
                    %(prop:a:?|y)s               ¦ 11 ¦ the delimiter '|' does not come a second time
                    %(prop:a:?|(y|n))s           ¦ 11 ¦ the delimiter '|' does not come a second time
                    %(prop:a:-%(prop:)s)s        ¦ 18 ¦ lacks the name
                    """)
    void a_malformed_one_is_an_error_with_its_place(String text, int position, String problem) {
        MalformedInterpolation malformed =
                catchThrowableOfType(MalformedInterpolation.class, () -> Interpolation.parse(text));

        assertThat(malformed)
                .isNotNull()
                .hasMessageStartingWith("at character " + position + ": ")
                .hasMessageContaining(problem);
        assertThat(malformed.position()).isEqualTo(position);
    }

    @Test
    void the_references_say_what_may_be_asked_and_whether_it_may_be_absent() {
        Interpolation interpolation =
                Interpolation.parse(
                        "%(prop:a)s %(prop:a)s %(prop:a:+x)s %(src::branch)s %(src:lib:branch:-x)s"
                                + " %(kw:k:?|%(secret:s)s|%(worker:w)s)s %%(prop:escaped)s");

        assertThat(interpolation.references())
                .containsExactly(
                        new Reference(Selector.PROP, "", "a", false),
                        new Reference(Selector.PROP, "", "a", true),
                        new Reference(Selector.SRC, "", "branch", false),
                        new Reference(Selector.SRC, "lib", "branch", true),
                        new Reference(Selector.KW, "", "k", true),
                        new Reference(Selector.SECRET, "", "s", false),
                        new Reference(Selector.WORKER, "", "w", false));
    }

    @Test
    void only_what_the_text_depends_on_is_asked_for() {
        RecordingScope scope = new RecordingScope();

        Interpolation.parse(
                        "%(prop:a:-%(secret:token)s)s %(prop:no:#?|%(secret:blank)s|%(secret:kv/ci|key)s)s")
                .render(scope);

        assertThat(scope.asked).containsExactly("prop a", "prop no", "secret kv/ci|key");
    }

    @Test
    void a_secret_that_there_is_not_is_an_error_and_never_an_empty_text() {
        Interpolation interpolation = Interpolation.parse("--password=%(secret:nope)s");

        assertThatThrownBy(() -> interpolation.render(new RecordingScope()))
                .isInstanceOf(MissingSecret.class)
                .hasMessageContaining("no provider has the secret 'nope'")
                .hasMessageContaining("%(secret:nope:-…)s");
        assertThatThrownBy(() -> Interpolation.parse("%(secret:nope)s").value(new RecordingScope()))
                .isInstanceOf(MissingSecret.class);
    }

    @Test
    void one_interpolation_and_nothing_else_is_the_value_itself() {
        assertThat(value("%(prop:list)s")).isEqualTo(List.of("x", "y"));
        assertThat(value("%(prop:n)s")).isEqualTo(42);
        assertThat(value("%(prop:no)s")).isEqualTo(false);
        assertThat(value("%(prop:list:-none)s")).isEqualTo(List.of("x", "y"));
        assertThat(value("%(prop:nope:-%(prop:list)s)s")).isEqualTo(List.of("x", "y"));
        assertThat(value("%(prop:yes:#?|%(kw:kl)s|)s")).isEqualTo(List.of(1, 2));
        assertThat(value("%(worker:numcpus)s")).isEqualTo(4);
        assertThat(value("%(src:lib:patch_level)s")).isEqualTo(1);
        assertThat(value("%(prop:nope:-)s")).isEqualTo("");
        assertThat(value("%(prop:nope:-7)s")).isEqualTo("7");
        assertThat(value(" %(prop:n)s")).isEqualTo(" 42");
        assertThat(value("%(prop:n)s%(prop:n)s")).isEqualTo("4242");
        assertThat(value("")).isEqualTo("");
    }

    private static Object value(String text) {
        return Interpolation.parse(text).value(new RecordingScope()).orElseThrow();
    }

    @Test
    void there_is_no_value_where_there_is_none_and_no_default() {
        assertThat(Interpolation.parse("%(prop:nope)s").value(new RecordingScope())).isEmpty();
        assertThat(Interpolation.parse("%(prop:nope:-%(kw:nope)s)s").value(new RecordingScope()))
                .isEmpty();
    }

    @Test
    void equal_texts_are_equal_and_show_as_they_were_written() {
        assertThat(Interpolation.parse("%(prop:a)s"))
                .isEqualTo(Interpolation.parse("%(prop:a)s"))
                .hasSameHashCodeAs(Interpolation.parse("%(prop:a)s"))
                .isNotEqualTo(Interpolation.parse("%(prop:b)s"))
                .hasToString("%(prop:a)s");
    }

    /** In time that grows faster than the text, each of these would take minutes. */
    @Test
    void huge_texts_are_read_in_one_pass() {
        for (String piece : List.of("%(", "%", "%%", "(", "%(props:", "%%(prop:", "%(refname)s ")) {
            String text = piece.repeat(MIB / piece.length());
            assertThat(render(text)).isEqualTo(text.replace("%%(prop:", "%(prop:"));
        }

        assertThat(render("%(prop:a)s".repeat(100_000))).isEqualTo("A".repeat(100_000));
        assertThat(render("%(prop:nope:-" + "(%)".repeat(300_000) + ")s"))
                .isEqualTo("(%)".repeat(300_000));
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 50_000; i++) {
            many.append("%(prop:p").append(i).append(":?|y|n)s");
        }
        assertThat(Interpolation.parse(many.toString()).references()).hasSize(50_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%(prop:", "%(prop:x:-", "%(prop:x:?|", "%(prop:x:-(", "%(prop:x:-%"})
    void huge_texts_that_are_malformed_are_refused_in_few_words(String piece) {
        assertThatThrownBy(() -> Interpolation.parse(piece.repeat(MIB / piece.length())))
                .isInstanceOf(MalformedInterpolation.class)
                .message()
                .hasSizeLessThan(300);
        assertThatThrownBy(() -> Interpolation.parse(piece + "(".repeat(MIB)))
                .isInstanceOf(MalformedInterpolation.class)
                .message()
                .hasSizeLessThan(300);
    }

    @Test
    void fifty_may_be_within_each_other() {
        assertThat(render("%(prop:x:-".repeat(50) + "d" + ")s".repeat(50))).isEqualTo("d");
        assertThatThrownBy(
                        () -> Interpolation.parse("%(prop:x:-".repeat(51) + "d" + ")s".repeat(51)))
                .isInstanceOf(MalformedInterpolation.class)
                .hasMessage("at character 501: more than 50 interpolations are within each other");
    }

    @Test
    void random_texts_without_an_interpolation_stay_as_they_are() {
        forRandomTexts((seed, text) -> {
            String without = SELECTOR.matcher(text).replaceAll("");
            assertThat(render(without)).as("seed %d", seed).isEqualTo(without);
        });
    }

    @Test
    void random_texts_with_doubled_percent_signs_become_what_they_were() {
        forRandomTexts((seed, text) -> {
            String escaped = SELECTOR.matcher(text).replaceAll("$1$1");
            assertThat(render(escaped)).as("seed %d", seed).isEqualTo(text);
            assertThat(Interpolation.parse(escaped).references()).isEmpty();
        });
    }

    @Test
    void random_texts_are_rendered_or_refused_with_a_place_within_them() {
        int[] rendered = new int[1];
        forRandomTexts((seed, text) -> {
            try {
                render(text);
                rendered[0]++;
            } catch (MissingSecret e) {
                assertThat(text).as("seed %d", seed).contains("%(secret:" + e.name());
            } catch (MalformedInterpolation e) {
                assertThat(e.position())
                        .as("seed %d", seed)
                        .isBetween(1, text.codePointCount(0, text.length()) + 1);
            }
        });
        assertThat(rendered[0]).isBetween(RANDOM_TEXTS / 10, RANDOM_TEXTS);
    }

    private interface RandomText {
        void check(long seed, String text);
    }

    private static void forRandomTexts(RandomText check) {
        for (long seed = 0; seed < RANDOM_TEXTS; seed++) {
            Random random = new Random(seed);
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(20); i > 0; i--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            check.check(seed, text.toString());
        }
    }
}
