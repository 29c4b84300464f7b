package io.buildledger.builder.claiming;

import io.buildledger.domain.requesting.BuildRequestEvent.BuildRequestClaimed;
import java.util.Map;
import org.slf4j.MDC;

/** While it is open, lines that this thread logs carry which build of which request they are of. */
final class BuildInLog implements AutoCloseable {

    private static final String BUILDER = "buildledger.builder";
    private static final String BUILD = "buildledger.build";
    private static final String REQUEST = "buildledger.request";
    private static final String WORKER = "buildledger.worker";

    private BuildInLog() {}

    static BuildInLog of(BuildRequestClaimed claim) {
        Map.of(
                        BUILDER, claim.builder(),
                        BUILD, claim.builder() + "/" + claim.buildNumber(),
                        REQUEST, String.valueOf(claim.requestId()),
                        WORKER, claim.worker())
                .forEach(MDC::put);
        return new BuildInLog();
    }

    @Override
    public void close() {
        MDC.remove(BUILDER);
        MDC.remove(BUILD);
        MDC.remove(REQUEST);
        MDC.remove(WORKER);
    }
}
