package io.buildledger.scheduler.supposing;

import io.buildledger.claiming.Collapsing;
import io.buildledger.configuring.BoundScheduler;
import io.buildledger.domain.cancelling.Canceller;
import java.util.List;

/**
 * What decides in a configuration, and who builds.
 *
 * @param remarks what of it is taken to be otherwise than it says, in words
 */
record Candidate(
        List<BoundScheduler> schedulers,
        List<Canceller> cancellers,
        Collapsing collapsing,
        Farm farm,
        List<String> remarks) {

    Candidate {
        schedulers = List.copyOf(schedulers);
        cancellers = List.copyOf(cancellers);
        remarks = List.copyOf(remarks);
    }
}
