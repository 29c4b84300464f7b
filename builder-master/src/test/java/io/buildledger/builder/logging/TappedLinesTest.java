package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Source;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class TappedLinesTest {

    private final List<Line> lines = new ArrayList<>();
    private final TappedLines tapped =
            new TappedLines((source, line) -> lines.add(new Line(source, line)));

    private void write(Source source, byte... bytes) {
        tapped.write(source, bytes, bytes.length);
    }

    private void write(Source source, String text) {
        write(source, text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void a_line_comes_once_whatever_pieces_it_was_printed_in() {
        for (char letter : "warning: x\r\nfine\n".toCharArray()) {
            write(Source.STDOUT, String.valueOf(letter));
        }

        assertThat(lines)
                .containsExactly(
                        new Line(Source.STDOUT, "warning: x"), new Line(Source.STDOUT, "fine"));
    }

    @Test
    void the_streams_do_not_mix_in_a_line() {
        write(Source.STDOUT, "out ");
        write(Source.STDERR, "err\n");
        write(Source.STDOUT, "put\n");

        assertThat(lines)
                .containsExactly(
                        new Line(Source.STDERR, "err"), new Line(Source.STDOUT, "out put"));
    }

    @Test
    void of_a_very_long_line_only_the_beginning_comes_and_only_once() {
        write(Source.STDOUT, "warning: ".repeat(100_000) + "\nnext\n");

        assertThat(lines).hasSize(2);
        assertThat(lines.getFirst().text()).hasSize(LineSplitter.LONGEST);
        assertThat(lines.getLast().text()).isEqualTo("next");
    }

    @Test
    void bytes_that_are_not_UTF_8_do_not_hide_the_rest_of_the_line() {
        write(Source.STDOUT, (byte) 0xFF, (byte) 'x', (byte) 0xC3, (byte) '\n');

        assertThat(lines).containsExactly(new Line(Source.STDOUT, "\uFFFDx\uFFFD"));
    }

    @Test
    void a_last_line_without_an_end_comes_when_the_command_ends_and_nothing_after_it() {
        write(Source.STDOUT, "one\ntwo");
        tapped.end();
        write(Source.STDOUT, "three\n");
        tapped.end();

        assertThat(lines)
                .containsExactly(new Line(Source.STDOUT, "one"), new Line(Source.STDOUT, "two"));
    }
}
