package io.buildledger.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What came of two things that were done so many times, each time both at the same moment.
 *
 * @param left of the first, in the order of the rounds
 * @param right of the other
 */
public record Race<A, B>(List<A> left, List<B> right) {

    /** One thing, in one round, counted from 0. */
    public interface Racer<T> {
        T run(int round) throws Exception;
    }

    public static <A, B> Race<A, B> of(int rounds, Racer<A> left, Racer<B> right) throws Exception {
        CyclicBarrier gate = new CyclicBarrier(2);
        try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
            Future<List<A>> one = threads.submit(rounds(rounds, gate, left));
            Future<List<B>> other = threads.submit(rounds(rounds, gate, right));
            return new Race<>(one.get(), other.get());
        }
    }

    private static <T> Callable<List<T>> rounds(int rounds, CyclicBarrier gate, Racer<T> racer) {
        return () -> {
            List<T> results = new ArrayList<>();
            for (int i = 0; i < rounds; i++) {
                gate.await();
                results.add(racer.run(i));
            }
            return results;
        };
    }
}
