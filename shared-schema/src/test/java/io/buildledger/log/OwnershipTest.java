package io.buildledger.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.database.DatabaseTrouble;
import io.buildledger.mastering.MasterRegistry;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestMasters;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class OwnershipTest {

    private final TestLog test = new TestLog();
    private final MasterRegistry registry =
            new MasterRegistry(test.log, test.dataSource, test.dataSource);

    @AfterEach
    void close() {
        test.close();
    }

    private Author begin(String name) {
        return registry.register(TestMasters.scheduler(name));
    }

    private Ownership of(Author author) {
        return new Ownership(test.log, test.dataSource, author);
    }

    @Test
    void what_one_master_owns_no_other_takes() {
        Ownership first = of(begin("s1"));
        Ownership second = of(begin("s2"));

        assertThat(first.take("poll")).isTrue();
        assertThat(second.take("poll")).isFalse();
        assertThat(first.take("poll")).isTrue();
        assertThat(second.take("another")).isTrue();
        assertThat(second.ownerOf("poll")).isEqualTo("s1");
        assertThat(second.ownerOf("nothing")).isNull();
    }

    @Test
    void what_a_life_owned_is_free_when_it_has_ended() {
        Author first = begin("s1");
        of(first).take("poll");
        Ownership second = of(begin("s2"));

        registry.stop(first);

        assertThat(second.take("poll")).isTrue();
    }

    @Test
    void a_life_that_is_over_owns_nothing_and_takes_nothing() {
        Ownership former = of(begin("s1"));
        former.take("poll");
        Author next = begin("s1");

        assertThat(former.take("poll")).isFalse();
        assertThat(of(next).take("poll")).isTrue();
    }

    @Test
    void what_is_given_up_is_free_and_only_its_owner_gives_it_up() {
        Ownership first = of(begin("s1"));
        Ownership second = of(begin("s2"));
        first.take("poll");

        second.giveUp("poll");
        assertThat(second.take("poll")).isFalse();
        first.giveUp("poll");
        assertThat(second.take("poll")).isTrue();
    }

    @Test
    void of_many_that_take_it_at_once_one_has_it() throws Exception {
        List<Ownership> masters = IntStream.range(0, 6).mapToObj(i -> of(begin("s" + i))).toList();
        long owners = 0;
        try (ExecutorService threads = Executors.newFixedThreadPool(masters.size())) {
            List<Future<Boolean>> taken =
                    masters.stream()
                            .map(master -> threads.submit(() -> takeAtLast(master)))
                            .toList();
            for (Future<Boolean> one : taken) {
                owners += one.get() ? 1 : 0;
            }
        }

        assertThat(owners).isEqualTo(1);
    }

    /** A deadlock is an answer, too: it is tried again. */
    private static boolean takeAtLast(Ownership master) throws InterruptedException {
        return DatabaseTrouble.outlast(() -> master.take("poll"), _ -> {});
    }
}
