package io.buildledger.builder.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.atIndex;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.Size;
import io.buildledger.steplog.StepLogs;
import io.buildledger.steplog.StepLogs.Entry;
import io.buildledger.steplog.StepLogs.Line;
import io.buildledger.steplog.StepLogs.Page;
import io.buildledger.steplog.StepLogs.Source;
import io.buildledger.testing.CountedSession;
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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.util.FileSystemUtils;

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
    void lines_wait_for_others_but_not_long() {
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

    @ParameterizedTest
    @ValueSource(ints = {65_536, 65_537, 1_048_576, 5_000_000})
    void a_line_of_any_length_arrives_whole(int length) {
        String line = "0123456789ü€😀".repeat(length / 13 + 1).substring(0, length);
        try (LogShipper shipper = shipper()) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                print(output, "before\n" + line + "\nafter\n");
            }
            shipAll(shipper);

            List<String> whole = new ArrayList<>();
            StringBuilder begun = new StringBuilder();
            for (Page page = read(0); !page.lines().isEmpty(); page = read(page.next())) {
                for (Line part : page.lines()) {
                    begun.append(part.text());
                    if (!part.partial()) {
                        whole.add(begun.toString());
                        begun.setLength(0);
                    }
                }
            }
            assertThat(whole).containsExactly("before", line, "after");
        }
    }

    @Test
    void a_line_that_becomes_larger_than_a_chunk_arrives_whole() {
        String line = "\\xff".repeat(LineSplitter.LONGEST);
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

            // The unique key refuses what is there already.
            shipAll(shipper);

            assertThat(read(0).lines().stream().map(Line::text))
                    .containsExactly("one", "two", "three");
        }
    }

    private void refuseForEver(String builder) {
        long log = logs.resume(builder, 1, 1, "stdio").logId();
        test.jdbc
                .sql("INSERT INTO step_log_chunk VALUES (:log, 0, 0, '')")
                .param("log", log)
                .update();
    }

    @Test
    void a_log_that_is_refused_does_not_hold_up_the_others() {
        refuseForEver("b");
        try (LogShipper shipper = shipper()) {
            for (String builder : List.of("a", "b", "c")) {
                try (StepOutput output = shipper.open(builder, 1, 1, "stdio")) {
                    print(output, "one\n");
                }
            }
            shipWhatIsDue(shipper);

            assertThat(logs.read("a", 1, 1, "stdio", 0).complete()).isTrue();
            assertThat(logs.of("b", 1)).containsExactly(new Entry(1, "stdio", false));
            assertThat(logs.read("c", 1, 1, "stdio", 0).complete()).isTrue();

            test.jdbc.sql("DELETE FROM step_log_chunk WHERE line_count = 0").update();
            now.addAndGet(TimeUnit.SECONDS.toNanos(30));
            shipWhatIsDue(shipper);

            assertThat(logs.read("b", 1, 1, "stdio", 0).complete()).isTrue();
        }
    }

    @Test
    void a_step_has_several_logs_in_the_order_in_which_they_were_begun() {
        try (LogShipper shipper = shipper()) {
            StepOutput stdio = shipper.open("linux", 1, 1, "stdio");
            StepOutput warnings = shipper.open("linux", 1, 1, "warnings (2)");
            StepOutput file = shipper.open("linux", 1, 1, "test/all.log");
            print(file, "all\n");
            print(stdio, "make\n");
            file.close();
            stdio.close();
            shipWhatIsDue(shipper);

            assertThat(logs.of("linux", 1))
                    .containsExactly(
                            new Entry(1, "stdio", true),
                            new Entry(1, "warnings (2)", false),
                            new Entry(1, "test/all.log", true));
            assertThat(logs.read("linux", 1, 1, "test/all.log", 0).lines())
                    .containsExactly(new Line(Source.STDOUT, "all"));
            warnings.close();
        }
    }

    @Test
    void a_log_needs_a_name_of_its_own() {
        try (LogShipper shipper = shipper();
                StepOutput stdio = shipper.open("linux", 1, 1, "stdio")) {
            for (String name : List.of("", " a", "a ", "a\nb", ".", "..", "x".repeat(101))) {
                assertThatThrownBy(() -> shipper.open("linux", 1, 1, name))
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("'" + name.replace('\n', ' ') + "'");
            }
            assertThatThrownBy(() -> shipper.open("linux", 1, 1, "stdio"))
                    .hasMessage("step 1 of build linux/1 has a log stdio already");
            assertThat(stdio.isClosed()).isFalse();
        }
    }

    @Test
    void the_lines_of_many_logs_are_stored_by_one_statement_and_their_ends_by_another() {
        try (CountedSession session = new CountedSession(test);
                LogShipper shipper =
                        new LogShipper(new StepLogs(session.jdbc), directory, now::get)) {
            List<StepOutput> outputs =
                    IntStream.range(0, 200)
                            .mapToObj(i -> shipper.open("linux", i, 1, "stdio"))
                            .toList();
            shipWhatIsDue(shipper);
            long inserts = session.counter("Com_insert");

            outputs.forEach(output -> print(output, "one\n"));
            shipAll(shipper);
            assertThat(session.counter("Com_insert") - inserts).isEqualTo(1);
            assertThat(chunks()).isEqualTo(200);

            outputs.forEach(output -> print(output, "two\n"));
            outputs.forEach(StepOutput::close);
            shipWhatIsDue(shipper);
            assertThat(session.counter("Com_insert") - inserts).isEqualTo(2);
            assertThat(session.counter("Com_update")).isEqualTo(1);
            assertThat(test.count("SELECT COUNT(*) FROM step_log WHERE complete")).isEqualTo(200);
        }
    }

    @Test
    void a_large_log_does_not_hold_up_the_others() {
        try (LogShipper shipper = shipper();
                StepOutput large = shipper.open("large", 1, 1, "stdio");
                StepOutput small = shipper.open("small", 1, 1, "stdio")) {
            String line = "x".repeat(1000) + "\n";
            for (int i = 0; i < 20; i++) {
                print(large, line.repeat(1000));
            }
            for (int i = 0; i < 5; i++) {
                print(small, "line " + i + "\n");
                waitLongEnough();
                assertThat(shipper.runOnce()).isTrue();

                assertThat(logs.read("small", 1, 1, "stdio", i).lines()).hasSize(1);
            }
            assertThat(logs.resume("large", 1, 1, "stdio").lines()).isLessThan(20_000);
        }
    }

    private static void limit(LogShipper shipper, int maxSize, int maxTailSize) {
        shipper.use(new LogLimits(new Size(maxSize), new Size(maxTailSize)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    3 | 30 | 20 | one 0; one 1; one 2
                    4 | 28 | 20 | one 0; one 1; one 2; one 3
                    5 | 28 | 20 | one 0; one 1; one 2; one 3; FULL; one 4
                    6 | 28 | 14 | one 0; one 1; one 2; one 3; FULL; one 4; one 5
                    7 | 28 | 14 | one 0; one 1; one 2; one 3; FULL; 1 line is left out here, 6 bytes; one 5; one 6
                    9 | 28 | 13 | one 0; one 1; one 2; one 3; FULL; 4 lines are left out here, 24 bytes; one 8
                    9 | 28 |  6 | one 0; one 1; one 2; one 3; FULL; 5 lines are left out here, 30 bytes
                    9 |  0 | 20 | FULL; 7 lines are left out here, 42 bytes; one 7; one 8
                    """)
    void of_a_log_that_is_too_long_the_first_and_the_last_lines_are_kept(
            int lines, int maxSize, int maxTailSize, String kept) {
        try (LogShipper shipper = shipper()) {
            limit(shipper, maxSize, maxTailSize);
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                limit(shipper, 1, 1);
                for (int i = 0; i < lines; i++) {
                    print(output, "one " + i + "\n");
                }
            }
            shipWhatIsDue(shipper);

            String full =
                    "the log has reached its log_max_size, %d; its last %d follow at the step's end"
                            .formatted(maxSize, maxTailSize);
            assertThat(everything())
                    .isEqualTo(
                            Stream.of(kept.split("; ", -1))
                                    .map(line -> line.equals("FULL") ? full : line)
                                    .toList());
        }
    }

    @Test
    void the_first_lines_of_a_long_log_can_be_read_before_it_ends() throws IOException {
        try (LogShipper shipper = shipper()) {
            limit(shipper, 1_000, 1_000);
            StepOutput output = shipper.open("linux", 1, 1, "stdio");
            for (int i = 0; i < 1_000; i++) {
                print(output, "line %06d%n".formatted(i));
            }
            shipAll(shipper);

            assertThat(read(0).lines()).hasSize(77);
            assertThat(read(76).lines())
                    .containsExactly(
                            new Line(
                                    Source.HEADER,
                                    "the log has reached its log_max_size, 1000; its last 1000 follow at the step's end"));
            assertThat(size()).isLessThan(4_000);

            output.header("exit code 0");
            output.close();
            shipWhatIsDue(shipper);

            assertThat(read(77).lines().getFirst())
                    .isEqualTo(
                            new Line(Source.HEADER, "849 lines are left out here, 10,188 bytes"));
            assertThat(read(78).lines())
                    .contains(new Line(Source.STDOUT, "line 000999"), atIndex(74))
                    .contains(new Line(Source.HEADER, "exit code 0"), atIndex(75))
                    .hasSize(76);
            assertThat(size()).isZero();
        }
    }

    /** Of what is on the local disk. */
    private long size() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void the_last_lines_of_a_killed_master_arrive_in_its_next_life(@TempDir Path copy)
            throws IOException {
        try (LogShipper shipper = shipper()) {
            limit(shipper, 10, 20);
            StepOutput output = shipper.open("linux", 1, 1, "stdio");
            print(output, "one\n");
            shipAll(shipper);
            for (int i = 0; i < 100; i++) {
                print(output, "line " + i + "\n");
            }
            shipAll(shipper);
            FileSystemUtils.copyRecursively(directory, copy);
            output.close();
            // That life ends without shipping more.
            test.jdbc.sql("UPDATE step_log SET complete = FALSE").update();
        }
        Files.createFile(copy.resolve("step0.spool.tail-1"));
        try (LogShipper next = new LogShipper(logs, copy, now::get)) {
            shipWhatIsDue(next);
        }

        assertThat(everything())
                .containsExactly(
                        "one",
                        "the log has reached its log_max_size, 10; its last 20 follow at the step's end",
                        "98 lines are left out here, 774 bytes",
                        "line 98",
                        "line 99");
        try (Stream<Path> files = Files.list(copy)) {
            assertThat(files).containsExactly(copy.resolve("lock"));
        }
    }

    @Test
    void bytes_that_are_no_text_are_shown_and_control_sequences_kept() {
        byte[] bytes = {'a', (byte) 0xC3, '\n', 0x1b, '[', '3', '1', 'm', (byte) 0xC3, (byte) 0xBC};
        try (LogShipper shipper = shipper()) {
            try (StepOutput output = shipper.open("linux", 1, 1, "stdio")) {
                for (byte value : bytes) {
                    output.write(Source.STDOUT, new byte[] {value}, 1);
                }
            }
            shipWhatIsDue(shipper);

            assertThat(everything()).containsExactly("a\\xc3", "\u001b[31mü");
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
