package io.buildledger.scheduler.supposing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.BuildsetEvent.BuildsetSubmitted;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import io.buildledger.log.NewerEvent;
import io.buildledger.log.Recorded;
import io.buildledger.log.Unreadable;
import io.buildledger.replaying.ClusterState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class RecordedTimeTest {

    private final RecordedTime time = new RecordedTime(new ClusterState());

    private void next(String stream, Object event) {
        time.next(new Recorded(stream, 3, event, Instant.EPOCH, Map.of()));
    }

    @Test
    void what_is_not_understood_of_it_is_told() {
        assertThat(time.remarks()).isEmpty();

        next("buildset/1", new Unreadable("it lacks 'scheduler'"));
        next("buildset/2", new NewerEvent("buildset/2", 3, "buildset-submitted", "9"));

        assertThat(time.remarks())
                .containsExactly(
                        "2 events of that time can't be read, or are of a newer program, and are left out: the first is buildset/1@3");
    }

    private static SourceStamp withPatch() {
        return new SourceStamp(
                "r", "main", "abc", "", "", new Patch("--- a".concat("/x"), 1, "ann", "", ""));
    }

    @Test
    void a_patch_is_kept_once_though_the_log_has_it_twice() {
        PatchSubmitted submitted =
                new PatchSubmitted("try", "ann", "", List.of("linux"), withPatch(), Map.of(), null);
        next("scheduler-command/try", submitted);
        next(
                "buildset/1",
                new BuildsetSubmitted(
                        1,
                        "try",
                        1,
                        "",
                        List.of(withPatch()),
                        List.of(),
                        Map.of(),
                        Map.of("linux", 1L),
                        Instant.EPOCH,
                        false,
                        null,
                        null,
                        null));

        assertThat(time.buildsets().getFirst().stamps())
                .containsExactly(withPatch())
                .first()
                .extracting(it -> Objects.requireNonNull(it.patch()).body())
                .isSameAs(Objects.requireNonNull(submitted.sourceStamp().patch()).body());
    }
}
