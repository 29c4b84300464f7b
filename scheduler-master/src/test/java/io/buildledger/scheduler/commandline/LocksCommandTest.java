package io.buildledger.scheduler.commandline;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.claiming.ClaimTerms;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.claiming.OfferPolicy;
import io.buildledger.domain.locking.LockDemand;
import io.buildledger.domain.locking.LockMode;
import io.buildledger.domain.locking.LockUse;
import io.buildledger.locking.Holder;
import io.buildledger.locking.Locks;
import io.buildledger.log.Author;
import io.buildledger.scheduler.serving.ServedLog;
import io.buildledger.testing.TestWorkers;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What people see of locks. */
@DisplayNameGeneration(ReplaceUnderscores.class)
class LocksCommandTest {

    private static final Author B1 = new Author("b1", 1);
    private static final Author B2 = new Author("b2", 1);

    private final ServedLog served = new ServedLog(List.of());

    @AfterEach
    void close() {
        served.close();
    }

    private String ask(Object command, String... args) {
        StringWriter out = new StringWriter();
        List<String> all = new ArrayList<>(List.of(args));
        all.addAll(List.of("--master", served.url()));
        int status =
                new CommandLine(command)
                        .setOut(new PrintWriter(out))
                        .execute(all.toArray(String[]::new));
        assertThat(status).isZero();
        return out.toString();
    }

    private List<Won> claim(Author master, String builder, LockDemand... locks) {
        return served.test
                .claims
                .claim(
                        master,
                        Map.of(
                                builder,
                                new ClaimTerms("f00d", 3, OfferPolicy.IN_ORDER, List.of(locks))),
                        new TestWorkers(List.of(builder), List.of("w")))
                .won();
    }

    private static LockDemand site() {
        return new LockDemand("site", false, LockMode.EXCLUSIVE, 1, 1, Map.of());
    }

    @Test
    void nobody_holds_a_lock_at_first() {
        assertThat(ask(new LocksCommand())).isEqualTo("nobody holds a lock or waits for one\n");
    }

    @Test
    void it_tells_who_holds_a_lock_and_who_waits_for_it_and_so_do_explanations() {
        for (String builder : List.of("deploy", "migrate", "clean")) {
            served.story.fire(List.of(), "abc", builder);
        }
        Won deploy = claim(B1, "deploy", site()).getFirst();
        served.story.start(B1, deploy);
        assertThat(claim(B2, "migrate", site())).isEmpty();
        assertThat(claim(B2, "clean", site())).isEmpty();
        Locks locks = new Locks(served.test.log, served.test.dataSource);
        LockUse port = new LockUse("port/w", LockMode.COUNTING, 2, 3);
        locks.request(B2, new Holder("other", 7, 99, 1, 2), List.of(port));
        locks.request(B1, new Holder("deploy", 1, 1, 1, 3), List.of(port));

        List<String> lines = ask(new LocksCommand()).lines().toList();

        assertThat(lines)
                .containsExactly(
                        "LOCK    HELD BY             WAITING",
                        "port/w  other/7.2 (2 of 3)  deploy/1.3 (2 of 3)",
                        "site    deploy/1            migrate, clean");
        JsonNode json = new JsonMapper().readTree(ask(new LocksCommand(), "--json"));
        assertThat(json.at("/locks/1/holders/0/master").asString()).isEqualTo("b1");
        assertThat(json.at("/locks/1/holders/0/requestId").asLong()).isEqualTo(1);
        assertThat(ask(new ExplainCommand(), "request", "2"))
                .contains("its builder waits for lock site: held by build deploy/1 on master b1\n");
        assertThat(ask(new ExplainCommand(), "request", "3"))
                .contains(
                        "its builder waits for lock site: held by build deploy/1 on master b1; 1 ahead of it in the line");
        assertThat(ask(new ExplainCommand(), "request", "1"))
                .contains(
                        "a step of it waits for lock port of worker w: held by build other/7, step 2 on master b2");
    }

    @Test
    void a_lock_that_is_free_and_kept_for_a_builder_is_told_of_as_such() {
        served.story.fire(List.of(), "abc", "deploy");
        served.story.fire(List.of(), "abc", "migrate");
        claim(B1, "deploy", site());
        LockDemand port = new LockDemand("port", false, LockMode.EXCLUSIVE, 1, 1, Map.of());
        assertThat(claim(B2, "migrate", port, site())).isEmpty();

        assertThat(ask(new ExplainCommand(), "request", "2"))
                .contains(
                        "its builder waits for lock port (free, kept for it)\n",
                        "its builder waits for lock site: held by build deploy/1 on master b1\n");
    }
}
