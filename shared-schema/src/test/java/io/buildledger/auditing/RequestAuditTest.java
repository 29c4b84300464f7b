package io.buildledger.auditing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.buildledger.auditing.Audit.AuditEntry;
import io.buildledger.claiming.Claims.Won;
import io.buildledger.domain.building.Results;
import io.buildledger.log.Author;
import io.buildledger.testing.TestLog;
import io.buildledger.testing.TestStory;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.core.JacksonException;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RequestAuditTest {

    private static final Author B1 = new Author("b1", 3);
    private static final Author B2 = new Author("b2", 1);
    private static final String REVISION = "0123456789abcdef0123456789abcdef01234567";

    private final TestLog test = new TestLog();
    private final TestStory story = new TestStory(test);
    private final RequestAudit audits = new RequestAudit(test.log);

    @AfterEach
    void close() {
        test.close();
    }

    /** A request whose first master is lost in the middle of a step. */
    private void aRequestThatTwoMastersHad() {
        long first = story.change("a@example.org", "aaa", "Add a test");
        long second = story.change("b@example.org", REVISION, "Mend it\n\nat last");
        story.fire(List.of(first, second), REVISION, "linux");
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        story.startStep(B1, lost, 1, "test");
        test.claims.releaseAllOf(B2, B1, "master b1 was lost: its lease ended");
        story.build(B2, "linux", Results.SUCCESS);
    }

    @Test
    void the_audit_of_a_request_whose_first_master_was_lost_tells_the_whole_story() {
        aRequestThatTwoMastersHad();

        Audit audit = audits.of(1).orElseThrow();

        assertThat(audit.results()).isEqualTo("SUCCESS");
        assertThat(audit.state()).isEqualTo("completed");
        assertThat(audit.attempts()).isEqualTo(2);
        assertThat(audit.entries())
                .extracting(AuditEntry::what)
                .containsExactly(
                        "change 1",
                        "change 2",
                        "scheduled",
                        "buildset submitted",
                        "requested",
                        "claimed",
                        "started",
                        "step 1 started",
                        "released",
                        "claimed",
                        "started",
                        "step 1 started",
                        "step 1 finished",
                        "completed",
                        "buildset completed");
        AuditEntry released = audit.entries().get(8);
        assertThat(released.master()).isEqualTo("b2");
        assertThat(released.attempt()).isEqualTo(1);
        assertThat(released.worker()).isEqualTo("b1-worker");
        assertThat(released.details()).isEqualTo("by b2: master b1 was lost: its lease ended");
        AuditEntry claimed = audit.entries().get(9);
        assertThat(claimed.master()).isEqualTo("b2");
        assertThat(claimed.epoch()).isEqualTo(1);
        assertThat(claimed.attempt()).isEqualTo(2);
        assertThat(claimed.details())
                .isEqualTo("build linux/2, worker b2-worker, factory f00d, no. 1 of 1 on offer");
        assertThat(audit.entries())
                .extracting(AuditEntry::at)
                .isSortedAccordingTo(java.util.Comparator.naturalOrder());
    }

    @Test
    void the_audit_tells_that_a_master_threw_away_what_it_built_after_its_claim_was_over() {
        story.fire(List.of(story.change("a", "r", "c")), "r", "linux");
        Won lost = story.claim(B1, "linux");
        story.start(B1, lost);
        test.claims.releaseAllOf(B2, B1, "master b1 was lost: its lease ended");
        story.build(B2, "linux", Results.SUCCESS);
        story.drop(B1, lost, Results.FAILURE, "the claim was over");

        AuditEntry last = audits.of(1).orElseThrow().entries().getLast();

        assertThat(last.what()).isEqualTo("build dropped");
        assertThat(last.master()).isEqualTo("b1");
        assertThat(last.attempt()).isEqualTo(1);
        assertThat(last.results()).isEqualTo("FAILURE");
        assertThat(last.details()).isEqualTo("its result is thrown away: the claim was over");
        assertThat(audits.of(1).orElseThrow().results()).isEqualTo("SUCCESS");
    }

    @ParameterizedTest
    @CsvSource({
        "build-request/1@0, requested",
        "build-request/1@2, started",
        "build/linux/2@0, step 1 started",
        "change/2@0, change 2",
        "buildset/1@1, buildset completed"
    })
    void an_event_that_somebody_has_damaged_is_named_and_the_others_are_told(
            String event, String what) {
        aRequestThatTwoMastersHad();
        List<AuditEntry> before = audits.of(1).orElseThrow().entries();
        assertThat(before)
                .filteredOn(it -> it.event().equals(event))
                .extracting(AuditEntry::what)
                .containsExactly(what);
        test.jdbc
                .sql(
                        "UPDATE event SET payload = 'no JSON' WHERE CONCAT(stream, '@', sequence_number) = :event")
                .param("event", event)
                .update();

        List<AuditEntry> after = audits.of(1).orElseThrow().entries();

        assertThat(after)
                .filteredOn(it -> it.event().equals(event))
                .extracting(AuditEntry::what)
                .containsExactly("unreadable");
        assertThat(before)
                .extracting(AuditEntry::event)
                .containsAll(after.stream().map(AuditEntry::event).toList());
        if (!what.equals("requested")) {
            assertThat(after).hasSameSizeAs(before);
        }
        // Who decides by it must not take it for something else.
        assertThatThrownBy(() -> test.log.read(event.substring(0, event.indexOf('@'))))
                .isInstanceOf(JacksonException.class);
    }

    @Test
    void a_request_that_nobody_has_claimed_is_told_as_far_as_it_got() {
        story.fire(List.of(story.change("a", "r", "c")), "r", "linux");

        Audit audit = audits.of(1).orElseThrow();

        assertThat(audit.state()).isEqualTo("unclaimed");
        assertThat(audit.entries().getLast().what()).isEqualTo("requested");
    }

    @Test
    void there_is_no_audit_of_a_request_that_never_was() {
        assertThat(audits.of(7)).isEmpty();
    }
}
