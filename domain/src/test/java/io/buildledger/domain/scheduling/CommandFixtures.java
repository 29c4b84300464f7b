package io.buildledger.domain.scheduling;

import io.buildledger.domain.changing.SourceStamp;
import io.buildledger.domain.changing.SourceStamp.Patch;
import io.buildledger.domain.requesting.ParentBuild;
import io.buildledger.domain.requesting.Property;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildForced;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.BuildTriggered;
import io.buildledger.domain.scheduling.SchedulerCommandEvent.PatchSubmitted;
import java.util.List;
import java.util.Map;

/** Commands to a scheduler {@code main}. */
final class CommandFixtures {

    static final ParentBuild PARENT = new ParentBuild("parent", 12, "Triggered from");

    static BuildForced force(String... builderNames) {
        return new BuildForced(
                "main", "me", "because", List.of(builderNames), List.of(), Map.of(), null);
    }

    static BuildTriggered trigger(SourceStamp... stamps) {
        return trigger(Map.of(), stamps);
    }

    static BuildTriggered trigger(Map<String, Property> properties, SourceStamp... stamps) {
        return new BuildTriggered("main", List.of(stamps), properties, true, PARENT, 9, "external");
    }

    static PatchSubmitted patch(String... builderNames) {
        return new PatchSubmitted(
                "main",
                "me",
                "because",
                List.of(builderNames),
                new SourceStamp(
                        "", "trunk", "1234", "", "", new Patch("diff", 1, "me", "because", "")),
                Map.of(),
                "job-1");
    }

    private CommandFixtures() {}
}
