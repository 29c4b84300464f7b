package io.buildledger.scheduler.serving;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.serving.TerminalText.Span;
import java.util.stream.Collectors;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TerminalTextTest {

    private static final String ESC = "\u001b";

    private static String told(String line) {
        return TerminalText.of(line).stream()
                .map(span ->
                        span.style().isEmpty()
                                ? span.text()
                                : "<" + span.style() + ">" + span.text())
                .collect(Collectors.joining("|"));
    }

    @ParameterizedTest
    @CsvSource({
        "plain, plain",
        "~[31mred~[0m plain, <front-red>red| plain",
        "~[1;32mgood~[m, <bold front-green>good",
        "~[91mbright~[39m plain, <front-bright-red>bright| plain",
        "~[41;97mloud~[49m less, <front-bright-white behind-red>loud|<front-bright-white> less",
        "~[4;3;9mall~[24;23;29m none, <italic underline struck>all| none",
        "~[1;2mboth~[22m none, <bold faint>both| none",
        "~[7minverse~[27m not, <front-page behind-text>inverse| not",
        "~[31;7mred~[0m, <front-page behind-red>red",
        "~[38;5;9mpalette~[0m, <front-bright-red>palette",
        "~[38;5;46mcube~[0m, <front-bright-green>cube",
        "~[48;5;240mgrey~[0m, <behind-bright-black>grey",
        "~[38;2;20;20;200mtrue~[0m, <front-blue>true",
        "~[38:2:20:20:200mcolons~[0m, <front-blue>colons",
        "~[38:2::20:20:200mspace~[0m, <front-blue>space",
        "~[4:3mcurly~[4:0m not, <underline>curly| not",
        "~[58;5;1mits colour~[58;2;1;2;3m too, its colour| too",
        "~[>4;2mof its own, of its own",
        "~[?1mof its own, of its own",
        "~[38;5mcut, cut",
        "~[38;9;1mno such, no such",
        "~[999;31mmuch, <front-red>much",
        "~[99999999999mtoo much, too much",
        "~[2K~[1Gcleared, cleared",
        "~]0;a title~\\text, text",
        "~]8;;https://example.org~\\a link~]8;;~\\, a link",
        "~(Btext, text",
        "text~, text",
        "text~[3, text"
    })
    void colours_and_the_like_are_told_and_all_else_is_left_out(String line, String expected) {
        assertThat(told(line.replace("~", ESC))).isEqualTo(expected);
    }

    @Test
    void a_title_ends_with_a_bell_or_with_the_line() {
        assertThat(told(ESC + "]0;title\u0007text")).isEqualTo("text");
        assertThat(told("text" + ESC + "]0;title")).isEqualTo("text");
    }

    @Test
    void what_a_terminal_would_have_overwritten_is_left_out() {
        assertThat(told("10 %\r50 %\r100 %")).isEqualTo("100 %");
        assertThat(told("done\r")).isEqualTo("done");
        assertThat(told(ESC + "[32m10 %\r100 %")).isEqualTo("<front-green>100 %");
        assertThat(told("\r\r")).isEmpty();
    }

    @Test
    void what_means_something_to_a_browser_is_text() {
        assertThat(TerminalText.of(ESC + "[31m<script>\"&"))
                .containsExactly(new Span("<script>\"&", "front-red"));
    }

    @Test
    void a_long_line_of_nothing_but_sequences_is_read_soon() {
        assertThat(told((ESC + "[").repeat(200_000))).isNotNull();
        assertThat(told((ESC + "]").repeat(200_000))).isNotNull();
        assertThat(told((ESC + "]").repeat(200_000) + "\u2028x")).isNotNull();
        assertThat(told((ESC + "]").repeat(200_000) + "\r\rx")).isNotNull();
        assertThat(told("\r".repeat(200_000))).isEmpty();
        assertThat(told((ESC + "[31m").repeat(100_000) + "x")).isEqualTo("<front-red>x");
    }
}
