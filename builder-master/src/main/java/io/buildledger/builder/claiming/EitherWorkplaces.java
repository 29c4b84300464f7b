package io.buildledger.builder.claiming;

import io.buildledger.builder.working.CommandJournal;
import io.buildledger.builder.working.Interruption;
import io.buildledger.builder.working.Workplace;
import io.buildledger.builder.working.Workplaces;
import io.buildledger.stepping.CurrentBuild;
import io.buildledger.stepping.StepAbortedException;
import java.io.IOException;
import java.util.function.Predicate;

/**
 * Local workers, and those that attach.
 *
 * @param attaches whether a worker is one that attaches, by its name
 */
record EitherWorkplaces(Predicate<String> attaches, Workplaces attached, Workplaces local)
        implements Workplaces {

    @Override
    public Workplace take(CurrentBuild build, CommandJournal journal, Interruption interruption)
            throws IOException, StepAbortedException {
        return (attaches.test(build.worker()) ? attached : local)
                .take(build, journal, interruption);
    }
}
