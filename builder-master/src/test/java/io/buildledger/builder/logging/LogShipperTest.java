package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Page;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.TestLog;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;

@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(60)
class LogShipperTest {

    @TempDir Path directory;
    private final TestLog test = new TestLog();
    private final StepLogs logs = new StepLogs(test.jdbc);
    private final AtomicLong now = new AtomicLong();

    @AfterEach
    void close() {
        test.close();
    }

    /** A database that refuses as many connections as it is told to. */
    private static final class Unreliable extends DelegatingDataSource {
        private final AtomicInteger refusals = new AtomicInteger();

        Unreliable(DataSource dataSource) {
            super(dataSource);
        }

        @Override
        public Connection getConnection() throws SQLException {
            if (refusals.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                throw new SQLTransientConnectionException("away");
            }
            return super.getConnection();
        }
    }

    private static void print(StepOutput output, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        output.write(Source.STDOUT, bytes, bytes.length);
    }

    /** A shipper whose clock is the test's. */
    private LogShipper shipper() {
        return new LogShipper(logs, directory, now::get);
    }

    private static void shipWhatIsDue(LogShipper shipper) {
        boolean more = true;
        while (more) {
            more = shipper.runOnce();
        }
    }

    private void waitLongEnough() {
        now.addAndGet(Shipment.LONGEST_WAIT.toNanos());
    }

    private void shipAll(LogShipper shipper) {
        waitLongEnough();
        shipWhatIsDue(shipper);
    }

    private long chunks() {
        return test.count("SELECT COUNT(*) FROM step_log_chunk");
    }

    private Page read(long from) {
        return logs.read("linux", 1, 1, "stdio", from);
    }

    private List<String> everything() {
        List<String> text = new ArrayList<>();
        Page page = read(0);
        while (!page.lines().isEmpty()) {
            page.lines().forEach(line -> text.add(line.text()));
            page = read(page.next());
        }
        assertThat(page.complete()).isTrue();
        return text;
    }

    private long spoolFiles() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".spool")).count();
        }
    }

    @Test
    void what_a_step_has_printed_can_be_read_before_it_ends() {
        try (LogShipper shipper = shipper();
                StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
            output.header("make");
            print(output, "compiling\nhalf a li");
            shipAll(shipper);

            assertThat(read(0))
                    .isEqualTo(
                            new Page(
                                    List.of(
                                            new Line(Source.HEADER, "make"),
                                            new Line(Source.STDOUT, "compiling")),
                                    2,
                                    false));

            print(output, "ne\n");
            shipAll(shipper);

            assertThat(read(2).lines()).containsExactly(new Line(Source.STDOUT, "half a line"));
        }
    }

    @Test
    void lines_wait_for_others_for_a_second_at_most() {
        try (LogShipper shipper = shipper();
                StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
            for (int i = 0; i < 5; i++) {
                shipWhatIsDue(shipper);
                print(output, "line " + i + "\n");
                now.addAndGet(Shipment.LONGEST_WAIT.toNanos() / 5);
                assertThat(chunks()).isZero();
            }
            shipWhatIsDue(shipper);

            assertThat(read(0).lines()).hasSize(5);
            assertThat(chunks()).isEqualTo(1);

            print(output, "line 5\n");
            shipWhatIsDue(shipper);
            assertThat(read(5).lines()).isEmpty();

            waitLongEnough();
            shipWhatIsDue(shipper);
            assertThat(read(5).lines()).hasSize(1);
        }
    }

    @Test
    void lines_that_fill_a_chunk_do_not_wait() {
        String line = "x".repeat(1022) + "\n";
        try (LogShipper shipper = shipper();
                StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
            print(output, line.repeat(63));
            shipWhatIsDue(shipper);
            assertThat(chunks()).isZero();

            print(output, line.repeat(2));
            shipWhatIsDue(shipper);

            assertThat(read(0).lines()).hasSize(64);
            assertThat(chunks()).isEqualTo(1);
        }
    }

    @Test
    void when_short_lines_have_waited_they_are_shipped_in_one_go_however_many() {
        try (LogShipper shipper = shipper();
                StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
            print(output, "x\n".repeat(2500));
            shipAll(shipper);

            assertThat(test.count("SELECT SUM(line_count) FROM step_log_chunk")).isEqualTo(2500);
            assertThat(chunks()).isEqualTo(3);
        }
    }

    @Test
    void the_end_of_a_step_does_not_wait() {
        try (LogShipper shipper = shipper()) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                print(output, "exit code 1\n");
            }
            shipWhatIsDue(shipper);

            assertThat(everything()).containsExactly("exit code 1");
        }
    }

    @Test
    void an_ended_log_is_complete_and_its_spool_file_is_gone() throws IOException {
        try (LogShipper shipper = shipper()) {
            StepOutput output = shipper.open("linux", 1, 1, "stdio");
            print(output, "done");
            output.close();
            assertThat(spoolFiles()).isEqualTo(1);

            shipAll(shipper);

            assertThat(everything()).containsExactly("done");
            assertThat(spoolFiles()).isZero();
        }
    }

    @Test
    void a_log_without_a_line_is_complete_too() {
        try (LogShipper shipper = shipper()) {
            shipper.open("linux", 1, 1, "stdio").close();
            shipAll(shipper);

            assertThat(everything()).isEmpty();
        }
    }

    @Test
    void a_large_log_arrives_whole_in_chunks_of_bounded_size() {
        List<String> lines =
                IntStream.range(0, 5000)
                        .mapToObj(i -> "line " + i + " " + "x".repeat(i % 200))
                        .toList();
        try (LogShipper shipper = shipper()) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                print(output, String.join("\n", lines));
            }
            shipAll(shipper);

            assertThat(everything()).isEqualTo(lines);
            assertThat(test.count("SELECT MAX(line_count) FROM step_log_chunk"))
                    .isLessThanOrEqualTo(1000);
        }
    }

    @Test
    void a_line_larger_than_a_chunk_arrives_whole() {
        String line = "\uFFFD".repeat(LineSplitter.LONGEST);
        byte[] bytes = new byte[LineSplitter.LONGEST];
        Arrays.fill(bytes, (byte) 0xFF);
        try (LogShipper shipper = shipper()) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                print(output, "before\n");
                output.write(Source.STDOUT, bytes, bytes.length);
                print(output, "\nafter\n");
            }
            shipAll(shipper);

            assertThat(everything()).containsExactly("before", line, "after");
        }
    }

    @Test
    void each_line_arrives_once_however_often_the_database_goes_away() {
        Unreliable unreliable = new Unreliable(test.dataSource);
        List<String> expected = new ArrayList<>();
        try (LogShipper shipper =
                new LogShipper(new StepLogs(JdbcClient.create(unreliable)), directory, now::get)) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                for (int i = 0; i < 30; i++) {
                    unreliable.refusals.set(i % 4);
                    print(output, "line " + i + "\n");
                    expected.add("line " + i);
                    waitLongEnough();
                    boolean _ = shipper.runOnce();
                }
            }
            unreliable.refusals.set(0);
            shipAll(shipper);

            assertThat(everything()).isEqualTo(expected);
        }
    }

    @Test
    void a_chunk_that_was_stored_without_an_answer_is_not_stored_twice() {
        try (LogShipper shipper = shipper();
                StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
            print(output, "one\n");
            shipAll(shipper);
            StepLogs.End end = logs.resume("linux", 1, 1, "stdio");
            print(output, "two\n");
            logs.append(end.logId(), end.lines(), List.of(new Line(Source.STDOUT, "two")));
            print(output, "three\n");

            // The unique key refuses what is there already, and the log is set aside for a while.
            waitLongEnough();
            boolean _ = shipper.runOnce();
        }
        try (LogShipper shipper = shipper()) {
            shipAll(shipper);

            assertThat(everything()).containsExactly("one", "two", "three");
        }
    }

    @Test
    void what_a_killed_master_has_left_on_disk_arrives_in_its_next_life() throws IOException {
        Files.writeString(
                directory.resolve("step1.spool"), "linux 1 1 stdio\noone\netwo\noa part of a li");
        Files.createFile(directory.resolve("step2.spool"));

        try (LogShipper shipper = shipper()) {
            shipAll(shipper);
        }

        assertThat(everything()).containsExactly("one", "two");
        assertThat(spoolFiles()).isZero();
    }

    @Test
    void closing_ships_what_there_is_and_keeps_a_log_that_has_not_ended() throws IOException {
        LogShipper shipper = new LogShipper(logs, directory).start();
        StepOutput output = shipper.open("linux", 1, 1, "stdio");
        print(output, "one\n");
        shipper.close();

        assertThat(read(0)).isEqualTo(new Page(List.of(new Line(Source.STDOUT, "one")), 1, false));
        assertThat(spoolFiles()).isEqualTo(1);
        output.close();
    }

    @Test
    void started_it_ships_by_itself() {
        try (LogShipper shipper = shipper().start()) {
            shipper.open("linux", 1, 1, "stdio").close();

            await().atMost(10, TimeUnit.SECONDS).until(() -> read(0).complete());
        }
    }

    @Test
    void two_masters_do_not_share_a_spool_directory() {
        try (LogShipper first = new LogShipper(logs, directory)) {
            assertThat(first).isNotNull();
            assertThatThrownBy(() -> new LogShipper(logs, directory))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void a_log_keeps_its_name_whatever_is_in_it() throws IOException {
        LogKey key = new LogKey("a b/ü\n%", 12, 3, "stdio");

        assertThat(key.toLine()).isPrintable().doesNotContain("\n");
        assertThat(LogKey.ofLine(key.toLine())).isEqualTo(key);
    }
}
