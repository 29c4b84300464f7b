package io.buildledger.benchmarks;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Sends changes to a scheduler master as fast as it takes them: each sender sends its next one when
 * the last is answered, over a connection that is kept.
 */
final class ChangeSenders implements AutoCloseable {

    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final URI hook;
    private final int branches;
    private final AtomicInteger sent = new AtomicInteger();

    /**
     * @param branches how many there are, to which the changes are made in turn
     */
    ChangeSenders(int port, int branches) {
        this.hook = URI.create("http://127.0.0.1:%d/change_hook/base".formatted(port));
        this.branches = branches;
    }

    static String branch(int number) {
        return "branch-" + number;
    }

    /**
     * Sends so many more changes, each with a revision of its own.
     *
     * @return how long each waited for its answer, in milliseconds
     * @throws RunFailedException if one is refused
     */
    List<Double> send(int changes, int senders) throws InterruptedException {
        int last = sent.get() + changes;
        List<Double> millis = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(senders)) {
            List<Future<List<Double>>> answers = new ArrayList<>();
            for (int i = 0; i < senders; i++) {
                answers.add(threads.submit(() -> sendUpTo(last)));
            }
            for (Future<List<Double>> answer : answers) {
                millis.addAll(answer.get());
            }
        } catch (ExecutionException e) {
            throw new RunFailedException("a change was not taken: " + e.getCause(), e);
        }
        sent.set(last);
        return millis;
    }

    private List<Double> sendUpTo(int last) throws IOException, InterruptedException {
        List<Double> millis = new ArrayList<>();
        for (int number = sent.incrementAndGet(); number <= last; number = sent.incrementAndGet()) {
            HttpRequest change = change(number);
            long began = System.nanoTime();
            HttpResponse<String> answer = http.send(change, HttpResponse.BodyHandlers.ofString());
            millis.add((System.nanoTime() - began) / 1e6);
            if (answer.statusCode() != 200) {
                throw new RunFailedException(answer.statusCode() + " " + answer.body());
            }
        }
        return millis;
    }

    private HttpRequest change(int number) {
        return HttpRequest.newBuilder(hook)
                .timeout(Duration.ofSeconds(60))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(
                        HttpRequest.BodyPublishers.ofString(
                                "repository=https%%3A%%2F%%2Fgit.example.org%%2Fapp.git&branch=%s&author=bench&revision=%040x"
                                        .formatted(branch(number % branches + 1), number)))
                .build();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
