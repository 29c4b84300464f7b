package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class NumberSetTest {

    private final NumberSet numbers = new NumberSet();

    @Test
    void numbers_that_follow_each_other_are_one_block() {
        for (long number = 1; number <= 10_000; number++) {
            assertThat(numbers.add(number)).isTrue();
        }

        assertThat(numbers.blocks()).isEqualTo(1);
        assertThat(numbers.contains(10_000)).isTrue();
        assertThat(numbers.contains(0)).isFalse();
        assertThat(numbers.contains(10_001)).isFalse();
    }

    @Test
    void a_number_is_added_once() {
        numbers.add(7);

        assertThat(numbers.add(7)).isFalse();
    }

    @Test
    void the_number_between_two_blocks_makes_them_one() {
        numbers.add(1);
        numbers.add(3);
        assertThat(numbers.blocks()).isEqualTo(2);

        numbers.add(2);

        assertThat(numbers.blocks()).isEqualTo(1);
    }

    @Test
    void it_holds_what_a_set_holds() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        Set<Long> expected = new HashSet<>();

        for (int i = 0; i < 20_000; i++) {
            long number = random.nextLong(-2_500, 2_500);
            assertThat(numbers.add(number)).as("seed %d", seed).isEqualTo(expected.add(number));
        }

        for (long number = -2_600; number < 2_600; number++) {
            assertThat(numbers.contains(number))
                    .as("seed %d, %d", seed, number)
                    .isEqualTo(expected.contains(number));
        }
    }
}
