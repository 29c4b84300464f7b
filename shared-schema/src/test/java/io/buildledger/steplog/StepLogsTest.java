package io.buildledger.steplog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.steplog.StepLogs.Batch;
import io.buildledger.steplog.StepLogs.Entry;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Page;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.CountedSession;
import io.buildledger.testing.TestLog;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import tools.jackson.databind.json.JsonMapper;

@DisplayNameGeneration(ReplaceUnderscores.class)
class StepLogsTest {

    private final TestLog test = new TestLog();
    private final StepLogs logs = new StepLogs(test.jdbc);

    @AfterEach
    void close() {
        test.close();
    }

    /** Opens log stdio of step 1 and writes numbered lines into it, in chunks of these sizes. */
    private long write(Iterable<Integer> chunks) {
        long log = logs.open("linux", 1, 1, "stdio");
        test.transactionTemplate()
                .executeWithoutResult(_ -> {
                    int next = 0;
                    for (int size : chunks) {
                        logs.append(
                                log,
                                next,
                                IntStream.range(next, next + size)
                                        .mapToObj(StepLogsTest::line)
                                        .toList());
                        next += size;
                    }
                });
        return log;
    }

    private static Line line(int number) {
        return new Line(number % 3 == 0 ? Source.STDERR : Source.STDOUT, "line " + number);
    }

    private Page read(long from) {
        return logs.read("linux", 1, 1, "stdio", from);
    }

    private Page read(long from, int most) {
        return logs.read("linux", 1, 1, "stdio", from, most);
    }

    @Test
    void a_log_reads_the_same_from_any_line_however_it_is_chunked() {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        List<Integer> chunks = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            chunks.add(random.nextInt(4) > 0 ? 1 : 1 + random.nextInt(40));
        }
        int total = chunks.stream().mapToInt(Integer::intValue).sum();
        logs.finish(write(chunks));
        List<Line> all = IntStream.range(0, total).mapToObj(StepLogsTest::line).toList();

        for (int i = 0; i < 50; i++) {
            int from = random.nextInt(total + 1);
            List<Line> rest = new ArrayList<>();
            Page page = read(from);
            rest.addAll(page.lines());
            while (!page.complete()) {
                assertThat(page.lines()).isNotEmpty();
                page = read(page.next());
                rest.addAll(page.lines());
            }

            assertThat(rest).isEqualTo(all.subList(from, total));
            assertThat(page.next()).isEqualTo(total);
        }
    }

    @Test
    void a_page_is_as_long_for_chunks_of_one_line_as_for_large_ones() {
        write(Collections.nCopies(StepLogs.MOST_LINES + 1, 1));

        Page page = read(0);

        assertThat(page.lines()).hasSize(StepLogs.MOST_LINES);
        assertThat(page.next()).isEqualTo(StepLogs.MOST_LINES);
        assertThat(read(page.next()).lines()).containsExactly(line(StepLogs.MOST_LINES));
    }

    @Test
    void a_page_of_long_lines_has_fewer_of_them() {
        long log = logs.open("linux", 1, 1, "stdio");
        Line line = new Line(Source.STDOUT, "x".repeat(StepLogs.ENOUGH_TEXT / 4));
        for (int i = 0; i < 10; i++) {
            logs.append(log, i, List.of(line));
        }

        assertThat(read(0).lines()).hasSize(4);
    }

    @Test
    void a_part_of_a_line_is_told_from_a_whole_one() {
        long log = logs.open("linux", 1, 1, "stdio");
        List<Line> lines =
                List.of(
                        new Line(Source.STDOUT, "Oh ", true),
                        new Line(Source.STDERR, "E", true),
                        new Line(Source.STDOUT, "so long"),
                        new Line(Source.STDERR, ""));
        logs.append(log, 0, lines);

        assertThat(read(0).lines()).isEqualTo(lines);
        assertThat(JsonMapper.shared().writeValueAsString(lines.subList(1, 3)))
                .isEqualTo(
                        """
                        [{"source":"STDERR","text":"E","partial":true},{"source":"STDOUT","text":"so long"}]\
                        """);
    }

    @Test
    void chunks_of_several_logs_are_stored_all_or_none() {
        Batch batch = new Batch();
        for (String builder : List.of("a", "b")) {
            batch.add(logs.open(builder, 1, 1, "stdio"), 0, 2, "oone\netwo\n".getBytes(UTF_8));
        }
        logs.append(batch);
        Batch more = new Batch();
        more.add(logs.resume("a", 1, 1, "stdio").logId(), 2, 1, "othree\n".getBytes(UTF_8));
        more.add(logs.resume("b", 1, 1, "stdio").logId(), 0, 1, "othree\n".getBytes(UTF_8));

        assertThatThrownBy(() -> logs.append(more)).isInstanceOf(DuplicateKeyException.class);

        for (String builder : List.of("a", "b")) {
            assertThat(logs.read(builder, 1, 1, "stdio", 0).lines())
                    .containsExactly(
                            new Line(Source.STDOUT, "one"), new Line(Source.STDERR, "two"));
        }
    }

    @Test
    void the_logs_of_a_build_are_in_the_order_of_its_steps_and_of_their_beginning() {
        logs.open("linux", 1, 2, "stdio");
        logs.open("linux", 1, 1, "stdio");
        logs.finish(logs.open("linux", 1, 1, "all.log"));

        assertThat(logs.of("linux", 1))
                .containsExactly(
                        new Entry(1, "stdio", false),
                        new Entry(1, "all.log", true),
                        new Entry(2, "stdio", false));
    }

    @Test
    void a_log_whose_last_page_is_full_is_complete_with_it() {
        logs.finish(write(List.of(StepLogs.MOST_LINES)));

        assertThat(read(0).lines()).hasSize(StepLogs.MOST_LINES);
        assertThat(read(0).complete()).isTrue();
    }

    @Test
    void a_few_lines_are_read_from_the_chunks_that_have_them_alone() {
        logs.finish(write(List.of(3, 5, 2000, 10)));

        assertThat(read(2, 3)).isEqualTo(new Page(List.of(line(2), line(3), line(4)), 5, false));
        assertThat(read(3, 5).next()).isEqualTo(8);
        assertThat(read(2008, 9).complete()).isFalse();
        assertThat(read(2008, 10).complete()).isTrue();
        assertThat(read(Long.MAX_VALUE, 10).lines()).isEmpty();
        try (CountedSession session = new CountedSession(test)) {
            StepLogs own = new StepLogs(session.jdbc);

            assertThat(session.rowsReadBy(() -> own.read("linux", 1, 1, "stdio", 0, 2)))
                    .isLessThan(session.rowsReadBy(() -> own.read("linux", 1, 1, "stdio", 0)));
        }
    }

    @Test
    void a_log_is_found_by_its_name_and_tells_how_long_it_is() {
        long log = write(List.of(3, 2));

        assertThat(logs.locate("linux", 1, 1, "stdio"))
                .contains(new StepLogs.Located(log, "linux", 1, 1, "stdio", false, 5));
        assertThat(logs.locate("linux", 1, 2, "stdio")).isEmpty();
    }

    @Test
    void behind_the_last_line_there_is_nothing_and_the_log_goes_on_from_there() {
        long log = write(List.of(3, 2));

        assertThat(read(5)).isEqualTo(new Page(List.of(), 5, false));
        assertThat(read(7)).isEqualTo(new Page(List.of(), 7, false));

        logs.append(log, 5, List.of(line(5)));
        logs.finish(log);

        assertThat(read(5)).isEqualTo(new Page(List.of(line(5)), 6, true));
    }

    @Test
    void reading_on_late_in_a_long_log_touches_the_chunks_of_the_page_alone() {
        write(Collections.nCopies(5000, 1));
        try (CountedSession session = new CountedSession(test)) {
            StepLogs own = new StepLogs(session.jdbc);

            assertThat(
                            session.rowsReadBy(() ->
                                    assertThat(own.read("linux", 1, 1, "stdio", 4990).lines())
                                            .hasSize(10)))
                    .isLessThan(100);
        }
    }
}
