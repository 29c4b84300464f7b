package io.buildledger.builder.attaching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.builder.attaching.Attachments.Admission.Admitted;
import io.buildledger.builder.attaching.SimulatedWorker.Command;
import io.buildledger.builder.attaching.SimulatedWorker.Script;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What a master may rely on, shown on workers that do as they are told. */
@DisplayNameGeneration(ReplaceUnderscores.class)
@Timeout(120)
class AttachedWorkerTest {

    private static final Duration LONG = Duration.ofHours(1);
    private static final Duration SHORT = Duration.ofSeconds(1);

    private final WorkerBench bench = new WorkerBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private static void get(CompletionStage<?> future) throws Exception {
        future.toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    /** Commands are handed to the test. */
    private static final class HandedOver implements Script {

        private final BlockingQueue<Command> commands = new LinkedBlockingQueue<>();

        @Override
        public void start(Command command) {
            commands.add(command);
        }

        Command next() throws InterruptedException {
            Command command = commands.poll(30, TimeUnit.SECONDS);
            assertThat(command).isNotNull();
            return command;
        }
    }

    private static CompletableFuture<Void> start(
            WorkerConnection worker, String id, CommandListener listener) {
        return worker.startCommand(id, "shell", Map.of(), listener);
    }

    @Test
    void a_command_that_is_over_before_its_start_was_answered_is_complete() throws Exception {
        bench.listen();
        WorkerConnection worker =
                bench.attach(
                        "w1",
                        command -> {
                            command.stdout("all\n");
                            command.update("rc", 0);
                            command.complete(null);
                        });
        Transcript said = new Transcript();

        get(start(worker, "c1", said));

        assertThat(said.stdout()).isEqualTo("all\n");
        assertThat(said.rc()).isEqualTo(0L);
        assertThat(said.error()).isNull();
    }

    @Test
    void what_commands_say_comes_in_order_and_one_at_a_time() throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection worker = bench.attach("w1", script);
        List<String> said = new ArrayList<>();
        AtomicInteger inside = new AtomicInteger();
        CommandListener listener =
                new Transcript() {
                    @Override
                    public synchronized void update(List<Update> updates) {
                        assertThat(inside.incrementAndGet()).isEqualTo(1);
                        said.add(updates.getFirst().key());
                        inside.decrementAndGet();
                    }
                };
        CompletableFuture<Void> first = start(worker, "c1", listener);
        CompletableFuture<Void> second = start(worker, "c2", listener);
        List<Command> commands = List.of(script.next(), script.next());

        for (int i = 0; i < 1000; i++) {
            commands.get(i % 2).update("u" + i, i);
        }
        commands.forEach(command -> command.complete(null));
        get(first);
        get(second);

        assertThat(said).isEqualTo(IntStream.range(0, 1000).mapToObj(i -> "u" + i).toList());
    }

    @Test
    void an_error_inside_the_worker_is_told() throws Exception {
        bench.listen();
        WorkerConnection worker = bench.attach("w1", command -> command.complete("it is broken"));
        Transcript said = new Transcript();

        get(start(worker, "c1", said));

        assertThat(said.error()).isEqualTo("it is broken");
    }

    @Test
    void a_listener_that_throws_fails_its_command_and_no_other() throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection worker = bench.attach("w1", script);
        AtomicInteger calls = new AtomicInteger();
        CompletableFuture<Void> failing =
                start(
                        worker,
                        "c1",
                        new Transcript() {
                            @Override
                            public synchronized void update(List<Update> updates) {
                                calls.incrementAndGet();
                                throw new IllegalStateException("/var/spool is full");
                            }
                        });
        CompletableFuture<Void> other = start(worker, "c2", new Transcript());
        Command failed = script.next();

        assertThatThrownBy(() -> get(failed.stdout("one\n")))
                .hasRootCauseMessage("command c1 has failed on the master");
        assertThatThrownBy(() -> get(failing)).hasRootCauseMessage("/var/spool is full");
        assertThatThrownBy(() -> get(failed.stdout("two\n")))
                .hasRootCauseMessage("command c1 has failed on the master");
        get(failed.complete(null));
        get(script.next().complete(null));
        get(other);
        assertThat(calls).hasValue(1);
    }

    @Test
    void a_command_whose_listener_has_thrown_never_ends_well_however_soon_the_worker_ends_it()
            throws Exception {
        bench.listen();
        WorkerConnection worker =
                bench.attach(
                        "w1",
                        command -> {
                            command.stdout("one\n");
                            command.complete(null);
                        });

        for (int i = 0; i < 500; i++) {
            CompletableFuture<Void> command =
                    start(
                            worker,
                            "c" + i,
                            new Transcript() {
                                @Override
                                public synchronized void update(List<Update> updates) {
                                    throw new IllegalStateException("the disk is full");
                                }
                            });

            assertThatThrownBy(() -> get(command)).hasRootCauseMessage("the disk is full");
        }
    }

    static Stream<Arguments> uninvited() {
        String file = "it uploads a file, which its command does not";
        String directory = "it uploads a directory, which its command does not";
        String read = "it asks for a file, which its command does not";
        Map<String, Object> times = Map.of("access_time", 1, "modified_time", 1);
        return Stream.of(
                Arguments.of("update_upload_file_write", Map.of("args", new byte[3]), file),
                Arguments.of("update_upload_file_close", Map.of(), file),
                Arguments.of("update_upload_file_utime", times, file),
                Arguments.of(
                        "update_upload_directory_write", Map.of("args", new byte[3]), directory),
                Arguments.of("update_upload_directory_unpack", Map.of(), directory),
                Arguments.of("update_read_file", Map.of("length", 1), read),
                Arguments.of("update_read_file_close", Map.of(), read));
    }

    @ParameterizedTest
    @MethodSource("uninvited")
    void what_a_command_does_not_ask_for_is_asked_in_vain_and_the_workers_misbehaviour(
            String op, Map<String, Object> fields, String misbehaviour) throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        CompletableFuture<Void> command = start(bench.attach("w1", script), "c1", new Transcript());
        Map<String, Object> request = new HashMap<>(fields);
        request.put("command_id", "c1");

        assertThatThrownBy(() -> get(script.next().worker().request(op, request)))
                .hasRootCauseMessage("command c1 has failed on the master");
        assertThatThrownBy(() -> get(command))
                .hasCauseInstanceOf(WorkerMisbehavedException.class)
                .hasRootCauseMessage(misbehaviour);
    }

    @Test
    void a_worker_gets_no_more_of_a_file_at_once_than_fits() throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        CompletableFuture<Void> _ =
                start(
                        bench.attach("w1", script),
                        "c1",
                        new Transcript() {
                            @Override
                            public byte[] read(int length) {
                                return new byte[length];
                            }
                        });
        Command command = script.next();

        Object bytes =
                command.worker()
                        .request(
                                "update_read_file",
                                Map.of("command_id", "c1", "length", 4_000_000_000L))
                        .toCompletableFuture()
                        .get(30, TimeUnit.SECONDS);

        assertThat((byte[]) bytes).hasSize(1024 * 1024);
    }

    @Test
    void two_commands_of_one_id_can_not_run_at_once() throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection worker = bench.attach("w1", script);
        CompletableFuture<Void> first = start(worker, "c1", new Transcript());

        assertThatThrownBy(() -> start(worker, "c1", new Transcript()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("worker w1 runs a command c1 already");
        script.next().complete(null);
        get(first);
    }

    @Test
    void arguments_that_can_not_be_sent_are_refused_and_nothing_was_started() throws Exception {
        bench.listen();
        WorkerConnection worker = bench.attach("w1", command -> command.complete(null));

        assertThatThrownBy(() ->
                        worker.startCommand(
                                "c1", "shell", Map.of("timeout", Duration.ZERO), new Transcript()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("args.timeout: a value of class java.time.Duration");
        get(start(worker, "c1", new Transcript()));
    }

    @Test
    void what_came_before_a_connection_broke_counts_and_the_rest_fails() throws Exception {
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection worker = bench.attach("w1", script);
        CountDownLatch hold = new CountDownLatch(1);
        Transcript slow =
                new Transcript() {
                    @Override
                    public synchronized void update(List<Update> updates) {
                        await(hold);
                        super.update(updates);
                    }
                };
        CompletableFuture<Void> complete = start(worker, "c1", slow);
        CompletableFuture<Void> cut = start(worker, "c2", new Transcript());
        Command first = script.next();
        first.stdout("said\n");
        first.update("rc", 0);
        first.complete(null);

        first.worker().close();
        String reason = worker.closed().get(30, TimeUnit.SECONDS);
        assertThat(complete).isNotDone();
        assertThat(cut).isNotDone();
        assertThat(bench.desk.nobodyIsGone()).isTrue();
        hold.countDown();

        get(complete);
        assertThat(slow.stdout()).isEqualTo("said\n");
        assertThat(slow.rc()).isEqualTo(0L);
        assertThatThrownBy(() -> get(cut))
                .hasCauseInstanceOf(WorkerLostException.class)
                .hasMessageContaining("worker w1 is lost: " + reason);
        assertThat(bench.desk.nextGone()).isEqualTo(new Desk.Gone(worker, reason));
    }

    @Test
    void what_is_asked_of_a_worker_that_is_gone_fails() throws Exception {
        bench.listen();
        WorkerConnection worker = bench.attach("w1", new HandedOver());
        bench.worker("w1").freeze();
        CompletableFuture<Void> underWay = worker.print("on its way");

        bench.worker("w1").close();

        assertThatThrownBy(() -> get(underWay)).hasCauseInstanceOf(WorkerLostException.class);
        bench.desk.nextGone();
        for (CompletableFuture<Void> late :
                List.of(
                        worker.print("late"),
                        worker.keepalive(),
                        worker.ping(LONG),
                        worker.interrupt("c1", "late"),
                        start(worker, "c1", new Transcript()))) {
            assertThatThrownBy(() -> get(late)).hasCauseInstanceOf(WorkerLostException.class);
        }
    }

    @Test
    void a_worker_reads_why_its_connection_is_closed() throws Exception {
        bench.listen();
        WorkerConnection worker = bench.attach("w1", new HandedOver());
        CompletableFuture<Void> command = start(worker, "c1", new Transcript());

        worker.close("ä".repeat(100));
        worker.close("a second reason");

        assertThat(bench.worker("w1").closed().get(30, TimeUnit.SECONDS)).isEqualTo("ä".repeat(61));
        assertThatThrownBy(() -> get(command)).hasCauseInstanceOf(WorkerLostException.class);
        assertThat(bench.desk.nextGone()).isEqualTo(new Desk.Gone(worker, "ä".repeat(100)));
        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    @Test
    void a_server_that_is_closed_tells_its_workers_and_that_they_are_gone() throws Exception {
        bench.listen();
        bench.attach("w1", new HandedOver());

        bench.server().close();

        assertThat(bench.desk.nobodyIsGone()).isFalse();
        assertThat(bench.worker("w1").closed().get(30, TimeUnit.SECONDS))
                .isEqualTo("the master goes away");
    }

    @Test
    void a_worker_that_says_nothing_is_lost() throws Exception {
        bench.liveness = new LivenessLimits(Duration.ofMillis(50), SHORT, LONG, LONG);
        bench.listen();
        WorkerConnection honest = bench.attach("honest", new HandedOver());
        WorkerConnection frozen = bench.attach("frozen", new HandedOver());

        bench.worker("frozen").freeze();

        assertThat(bench.desk.nextGone())
                .isEqualTo(new Desk.Gone(frozen, "nothing was heard of it for 1.0 s"));
        get(honest.print("still there"));
        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    @Test
    void a_worker_that_packs_a_directory_may_be_silent_for_longer() throws Exception {
        bench.liveness = new LivenessLimits(Duration.ofMillis(50), SHORT, LONG, LONG);
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection packing = bench.attach("packing", script);
        CompletableFuture<Void> upload =
                packing.startCommand("c1", "upload_directory", Map.of(), new Transcript());
        script.next();
        bench.worker("packing").freeze();
        WorkerConnection frozen = bench.attach("frozen", new HandedOver());
        bench.worker("frozen").freeze();

        assertThat(bench.desk.nextGone().connection()).isSameAs(frozen);

        assertThat(packing.closed()).isNotDone();
        assertThat(upload).isNotDone();
    }

    @Test
    void a_ping_that_is_not_answered_fails_and_closes_nothing() throws Exception {
        bench.listen();
        WorkerConnection worker = bench.attach("w1", new HandedOver());
        get(worker.ping(LONG));
        bench.worker("w1").freeze();

        assertThatThrownBy(() -> get(worker.ping(SHORT)))
                .hasCauseInstanceOf(TimeoutException.class)
                .hasMessageContaining("worker w1 has not answered print within 1000 ms");

        bench.worker("w1").thaw();
        get(worker.ping(LONG));
    }

    @Test
    void a_slow_listener_holds_up_its_own_worker_only_and_is_not_the_workers_fault()
            throws Exception {
        bench.liveness = new LivenessLimits(Duration.ofMillis(50), SHORT, LONG, LONG);
        bench.listen();
        HandedOver script = new HandedOver();
        WorkerConnection worker = bench.attach("w1", script);
        CountDownLatch hold = new CountDownLatch(1);
        AtomicInteger taken = new AtomicInteger();
        CompletableFuture<Void> command =
                start(
                        worker,
                        "c1",
                        new Transcript() {
                            @Override
                            public synchronized void update(List<Update> updates) {
                                await(hold);
                                taken.incrementAndGet();
                            }
                        });
        Command flood = script.next();
        String text = "x".repeat(64 * 1024 - 1) + "\n";
        int count = 1024;
        AtomicInteger answered = new AtomicInteger();
        for (int i = 0; i < count; i++) {
            flood.stdout(text).thenRun(answered::incrementAndGet);
        }
        CompletionStage<Object> last = flood.complete(null);

        WorkerConnection other = bench.attach("other", Command::name);
        get(other.print("not held up"));
        CompletableFuture<Void> ping = worker.ping(SHORT);
        bench.worker("other").freeze();
        assertThat(bench.desk.nextGone().connection()).isSameAs(other);
        assertThat(worker.closed()).isNotDone();
        assertThat(ping).isNotDone();
        assertThat(answered).hasValue(0);
        assertThat(bench.worker("w1").unsentBytes()).isGreaterThan(32L * 1024 * 1024);

        hold.countDown();
        get(command);
        get(last);
        get(ping);
        assertThat(taken).hasValue(count);
    }

    @Test
    void a_worker_that_does_not_read_its_answers_is_not_read_and_lost_in_the_end()
            throws Exception {
        bench.liveness = new LivenessLimits(Duration.ofMillis(50), LONG, LONG, SHORT);
        bench.listen();
        HandedOver script = new HandedOver();
        AtomicInteger reads = new AtomicInteger();
        CompletableFuture<Void> _ =
                start(
                        bench.attach("w1", script),
                        "c1",
                        new Transcript() {
                            @Override
                            public byte[] read(int length) {
                                reads.incrementAndGet();
                                return new byte[length];
                            }
                        });
        script.next();
        bench.worker("w1").freeze();

        for (int i = 0; i < 1000; i++) {
            bench.worker("w1")
                    .request("update_read_file", Map.of("command_id", "c1", "length", 1 << 20));
        }

        assertThat(bench.desk.nextGone().reason())
                .isEqualTo("it has not read what was sent to it for 1.0 s");
        assertThat(reads).hasValueLessThan(100);
    }

    @Test
    void a_refused_worker_reads_why_and_was_never_attached() throws Exception {
        bench.desk.refuse("w1", "it is attached to another master");
        bench.listen();

        SimulatedWorker refused = bench.connect("w1", new HandedOver());

        assertThat(refused.closed().get(30, TimeUnit.SECONDS))
                .isEqualTo("it is attached to another master");
        assertThat(bench.desk.nobodyIsGone()).isTrue();
    }

    @Test
    void a_worker_that_goes_while_it_is_admitted_is_told_to_be_gone_afterwards() throws Exception {
        CountDownLatch hold = new CountDownLatch(1);
        CompletableFuture<WorkerConnection> admitting = new CompletableFuture<>();
        BlockingQueue<String> told = new LinkedBlockingQueue<>();
        bench.listen(
                new Attachments() {
                    @Override
                    public Admission admit(WorkerConnection connection) {
                        admitting.complete(connection);
                        await(hold);
                        told.add("admitted");
                        return new Admitted();
                    }

                    @Override
                    public void gone(WorkerConnection connection, String reason) {
                        told.add("gone");
                    }
                });
        bench.connect("w1", new HandedOver());
        WorkerConnection worker = admitting.get(30, TimeUnit.SECONDS);

        bench.worker("w1").close();
        get(worker.closed());
        hold.countDown();

        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("admitted");
        assertThat(told.poll(30, TimeUnit.SECONDS)).isEqualTo("gone");
    }

    @Test
    void a_worker_that_does_not_tell_where_it_is_can_not_be_attached() throws Exception {
        bench.listen();

        SimulatedWorker worker =
                bench.connect(
                        "w1",
                        new Script() {
                            @Override
                            public void start(Command command) {}

                            @Override
                            public Map<String, Object> info(String name) {
                                return Map.of("system", "posix", "basedir", 7);
                            }
                        });

        assertThat(worker.closed().get(30, TimeUnit.SECONDS))
                .isEqualTo(
                        "it can't be attached: get_worker_info: basedir must be text, is a number");
    }

    @Test
    void a_worker_that_does_not_answer_is_not_attached() throws Exception {
        bench.handshake =
                new HandshakeLimits(LONG, LONG, Duration.ofMillis(10), SHORT, 100, 16 * 1024);
        bench.listen();

        SimulatedWorker worker =
                bench.connect(
                        "w1",
                        new Script() {
                            @Override
                            public void start(Command command) {}

                            @Override
                            public boolean answers(String op) {
                                return !op.equals("get_worker_info");
                            }
                        });

        assertThat(worker.closed().get(30, TimeUnit.SECONDS))
                .isEqualTo("worker w1 has not answered get_worker_info within 1000 ms");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_port_in_use_is_told() throws Exception {
        bench.listen();

        assertThatThrownBy(() -> bench.listenOn(bench.server().port()))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't listen for workers on")
                .hasMessageContaining("in use");
    }
}
