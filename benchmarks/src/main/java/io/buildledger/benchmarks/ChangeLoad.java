package io.buildledger.benchmarks;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/**
 * Sends changes to a scheduler master at a steady rate, however long the answers take: what is due
 * is sent, and its time counts from when it was due.
 */
final class ChangeLoad implements AutoCloseable {

    /** A change that is in the log; times are those of {@link System#nanoTime}. */
    record Sent(long changeId, long dueNanos, long answeredNanos) {}

    private static final JsonMapper JSON = JsonMapper.shared();

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI hook;
    private int changes;

    ChangeLoad(int port) {
        this.hook = URI.create("http://127.0.0.1:%d/change_hook/base".formatted(port));
    }

    /**
     * @throws RunFailedException if one is refused
     */
    List<Sent> send(int rate, int seconds) throws InterruptedException {
        List<CompletableFuture<Sent>> answers = new ArrayList<>();
        long began = System.nanoTime();
        for (int i = 0; i < rate * seconds; i++) {
            long due = began + TimeUnit.SECONDS.toNanos(i) / rate;
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
            answers.add(
                    http.sendAsync(change(++changes), HttpResponse.BodyHandlers.ofString())
                            .thenApply(answer -> sent(answer, due)));
        }
        try {
            return answers.stream().map(CompletableFuture::join).toList();
        } catch (CompletionException e) {
            throw new RunFailedException("a change was not taken: " + e.getCause(), e);
        }
    }

    private HttpRequest change(int number) {
        return HttpRequest.newBuilder(hook)
                .timeout(Duration.ofSeconds(30))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "repository=https%3A%2F%2Fgit.example.org%2Fapp.git&branch=main&author=bench&revision="
                                        + "%040x".formatted(number)))
                .build();
    }

    private static Sent sent(HttpResponse<String> answer, long due) {
        long answered = System.nanoTime();
        if (answer.statusCode() != 200) {
            throw new RunFailedException(answer.statusCode() + " " + answer.body());
        }
        return new Sent(JSON.readTree(answer.body()).path("changeId").asLong(), due, answered);
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
