package io.buildledger.numbering;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.testing.TestLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NumbersTest {

    private final TestLog test = new TestLog();

    @AfterEach
    void close() {
        test.close();
    }

    @Test
    void numbers_begin_at_one_and_are_each_given_once() {
        assertThat(test.numbers.take("a", 1)).isEqualTo(1);
        assertThat(test.numbers.take("a", 3)).isEqualTo(2);
        assertThat(test.numbers.take("a", 1)).isEqualTo(5);
        assertThat(test.numbers.take("b", 1)).isEqualTo(1);
    }

    @Test
    void many_at_once_get_different_numbers() throws Exception {
        List<Callable<List<Long>>> takers = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            takers.add(() -> {
                List<Long> taken = new ArrayList<>();
                for (int i = 0; i < 50; i++) {
                    taken.add(test.numbers.take("a", 1));
                }
                return taken;
            });
        }
        Set<Long> all = new TreeSet<>();
        try (ExecutorService executor = Executors.newFixedThreadPool(4)) {
            for (Future<List<Long>> taken : executor.invokeAll(takers)) {
                all.addAll(taken.get());
            }
        }
        assertThat(all).hasSize(200).contains(1L, 200L);
    }
}
