package io.buildledger.hinting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.buildledger.configuring.Configuration;
import io.buildledger.log.LogTail;
import io.buildledger.log.LogTail.Subscription;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.mastering.MasterRegistry.HintAddress;
import io.buildledger.mastering.MasterRegistry.Registration;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class HintsTest {

    private static final String LOOPBACK = "127.0.0.1";
    private static final Duration LONG_AFTER_THE_TEST = Duration.ofDays(1);

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);
    private final HttpClient http = HttpClient.newHttpClient();
    private final AtomicLong nanoTime = new AtomicLong();
    private final AtomicInteger hints = new AtomicInteger();
    private final HintSender sender = new HintSender(registry, "s", nanoTime::get);
    private HintListener listener;

    @BeforeEach
    void open() throws IOException {
        listener = HintListener.open(LOOPBACK, 0);
        listener.onHint(hints::incrementAndGet);
    }

    @AfterEach
    void close() {
        sender.close();
        listener.close();
        http.close();
        test.close();
    }

    private void register(String name, @Nullable HintAddress address) {
        registry.register(
                new Registration(
                        name, "builder", "host", 1, Duration.ofSeconds(30), Map.of(), address));
    }

    private int status(String method, String url, String... headers) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(url)).method(method, BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Test
    void only_who_knows_the_token_of_this_life_may_wake_a_master() throws Exception {
        String url = listener.address().url();
        String token = listener.address().token();

        assertThat(status("POST", url)).isEqualTo(403);
        assertThat(status("POST", url, "Authorization", "Bearer 0")).isEqualTo(403);
        assertThat(status("POST", url, "Authorization", token)).isEqualTo(403);
        assertThat(status("GET", url, "Authorization", "Bearer " + token)).isEqualTo(405);
        assertThat(status("POST", url.replace("/hint", "/"), "Authorization", "Bearer " + token))
                .isEqualTo(404);
        assertThat(hints).hasValue(0);

        assertThat(status("POST", url, "Authorization", "Bearer " + token)).isEqualTo(204);
        assertThat(hints).hasValue(1);
    }

    @Test
    void every_life_has_a_token_of_its_own() throws IOException {
        try (HintListener other = HintListener.open(LOOPBACK, 0)) {
            assertThat(other.address().token())
                    .hasSize(32)
                    .isNotEqualTo(listener.address().token());
        }
    }

    @Test
    void all_other_living_masters_are_told_and_one_that_is_gone_holds_up_nobody()
            throws IOException {
        HintListener gone = HintListener.open(LOOPBACK, 0);
        AtomicInteger own = new AtomicInteger();
        try (HintListener self = HintListener.open(LOOPBACK, 0)) {
            self.onHint(own::incrementAndGet);
            register("a", gone.address());
            register("b", listener.address());
            register("c", null);
            register("s", self.address());
            gone.close();

            sender.tell();
            await().until(() -> hints.get() == 1);
            sender.tell();
            await().until(() -> hints.get() == 2);

            assertThat(own).hasValue(0);
        }
    }

    @Test
    void a_master_that_has_started_since_is_told_after_a_while() {
        sender.tell();
        register("b", listener.address());

        await().until(() -> {
            nanoTime.addAndGet(Duration.ofSeconds(6).toNanos());
            sender.tell();
            return hints.get() > 0;
        });
    }

    private LogTail tail(Duration interval, List<String> told) {
        return LogTail.fromNow(
                        "test",
                        test.dataSource,
                        Subscription.toAll(recorded -> told.add(recorded.stream())),
                        interval,
                        System::nanoTime)
                .start();
    }

    @Test
    void a_hint_has_an_event_told_long_before_the_interval_is_over() {
        List<String> told = new CopyOnWriteArrayList<>();
        register("b", listener.address());
        test.log.onNews(sender::tell);
        try (LogTail tail = tail(LONG_AFTER_THE_TEST, told)) {
            listener.onHint(tail::wake);

            story.change("a", "r", "c");

            await().until(() -> told.contains("change/1"));
        }
    }

    @Test
    void where_every_hint_is_lost_an_event_is_told_at_the_next_interval() throws IOException {
        List<String> told = new CopyOnWriteArrayList<>();
        HintListener deaf = HintListener.open(LOOPBACK, 0);
        register("b", deaf.address());
        deaf.close();
        test.log.onNews(sender::tell);
        try (LogTail _ = tail(Duration.ofMillis(50), told)) {
            for (int i = 1; i <= 3; i++) {
                long id = story.change("a", "r" + i, "c");

                await().until(() -> told.contains("change/" + id));
            }
        }
        assertThat(told).doesNotHaveDuplicates();
    }

    @Test
    void masters_that_want_no_hints_have_no_address() {
        try (Hints none = Hints.open(new Configuration.Hints(false, null, null), "b", registry)) {
            assertThat(none.address()).isNull();
            none.onHint(hints::incrementAndGet);
            none.tell();
        }
        assertThat(hints).hasValue(0);
    }

    @Test
    void an_address_that_can_t_be_had_is_told_with_its_field() {
        int taken = URI.create(listener.address().url()).getPort();

        assertThatThrownBy(() ->
                        Hints.open(new Configuration.Hints(true, taken, LOOPBACK), "b", registry))
                .hasMessageStartingWith(
                        "hints: port %d of 127.0.0.1 can't be had".formatted(taken));
        assertThatThrownBy(() ->
                        Hints.open(
                                new Configuration.Hints(true, 0, "no.such.host.invalid"),
                                "b",
                                registry))
                .hasMessageStartingWith("hints: port 0 of no.such.host.invalid can't be had");
    }
}
