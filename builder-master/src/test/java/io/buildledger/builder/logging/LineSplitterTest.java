package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class LineSplitterTest {

    private final List<String> lines = new ArrayList<>();
    private final List<Boolean> partial = new ArrayList<>();
    private final LineSplitter splitter = new LineSplitter(this::add);

    private void add(byte[] line, int length, boolean goesOn) {
        lines.add(new String(line, 0, length, StandardCharsets.UTF_8));
        partial.add(goesOn);
    }

    private void write(String text) {
        write(text.getBytes(StandardCharsets.UTF_8));
    }

    private void write(byte[] bytes) {
        splitter.write(bytes, bytes.length);
    }

    @Test
    void a_line_ends_at_its_newline_whatever_pieces_it_comes_in() {
        write("one\ntw");
        write("o\n\nthr");

        assertThat(lines).containsExactly("one", "two", "");
    }

    @Test
    void a_carriage_return_before_the_newline_belongs_to_the_end_and_another_does_not() {
        write("one\r");
        write("\n10%\r20%\n");

        assertThat(lines).containsExactly("one", "10%\r20%");
    }

    @Test
    void a_last_part_without_a_newline_becomes_a_line_at_the_end() {
        write("one\ntwo");
        splitter.endLine();
        splitter.endLine();

        assertThat(lines).containsExactly("one", "two");
    }

    @Test
    void a_character_in_two_pieces_stays_one() {
        write(new byte[] {(byte) 0xC3});
        write(new byte[] {(byte) 0xBC, '\n'});

        assertThat(lines).containsExactly("ü");
    }

    @Test
    void a_line_of_the_greatest_length_is_not_cut() {
        String longest = "x".repeat(LineSplitter.LONGEST);
        write(longest + "\n" + longest + "\r\n");

        assertThat(lines).containsExactly(longest, longest);
        assertThat(partial).containsOnly(false);
    }

    @Test
    void a_byte_more_is_a_part_of_its_own() {
        write("x".repeat(LineSplitter.LONGEST) + "yz\nend\n");

        assertThat(lines).containsExactly("x".repeat(LineSplitter.LONGEST), "yz", "end");
        assertThat(partial).containsExactly(true, false, false);
    }

    @Test
    void a_longer_line_is_cut_between_characters() {
        String text = "x" + "€".repeat(50_000) + "\r" + "😀".repeat(30_000);
        write(text + "\n");

        assertThat(lines).hasSizeGreaterThan(1);
        assertThat(String.join("", lines)).isEqualTo(text);
        assertThat(partial.removeLast()).isFalse();
        assertThat(partial).containsOnly(true);
    }

    @Test
    void a_long_line_that_is_not_UTF_8_is_cut_too() {
        byte[] continuations = new byte[3 * LineSplitter.LONGEST];
        Arrays.fill(continuations, (byte) 0x80);
        write(continuations);
        splitter.endLine();

        assertThat(String.join("", lines)).isEqualTo("\uFFFD".repeat(continuations.length));
    }

    @Test
    void nothing_is_lost_however_the_text_is_cut_into_pieces() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 3000; i++) {
            text.append("ü€😀x".repeat(random.nextInt(40))).append('\n');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        for (int at = 0; at < bytes.length; ) {
            int count = Math.min(1 + random.nextInt(300), bytes.length - at);
            write(Arrays.copyOfRange(bytes, at, at + count));
            at += count;
        }

        assertThat(String.join("\n", lines) + "\n").as("seed %d", seed).isEqualTo(text.toString());
    }
}
