package io.buildledger.scheduler.changing;

import static org.assertj.core.api.Assertions.assertThat;

import io.buildledger.scheduler.fetching.Git.Remote;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator.ReplaceUnderscores;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(ReplaceUnderscores.class)
class FollowedRefsTest {

    private static final String REVISION = "1".repeat(40);

    private final FollowedRefs followed =
            new FollowedRefs(Configured.gitPoller("file:///nowhere", "branches: ['*']"));

    private static Remote remote(int branches, String begin) {
        Map<String, String> heads = new HashMap<>();
        for (int i = 0; i < branches; i++) {
            heads.put(begin + (100_000 + i), REVISION);
        }
        return new Remote(heads, Map.of(), Optional.empty());
    }

    @Test
    void the_first_ten_thousand_names_are_followed() {
        assertThat(followed.of(remote(10_001, "topic-")))
                .hasSize(10_000)
                .doesNotContainKey("topic-110000");
    }

    @Test
    void of_names_that_are_long_and_many_the_first_that_an_event_has_room_for() {
        Map<String, String> refs = followed.of(remote(10_000, "日".repeat(490)));

        assertThat(refs.entrySet().stream().mapToLong(FollowedRefs::size).sum())
                .isBetween(FollowedRefs.LARGEST - 2_000L, (long) FollowedRefs.LARGEST);
        assertThat(refs).containsKey("日".repeat(490) + 100_000);
    }
}
