package io.buildledger.builder.claiming;

import io.buildledger.attaching.WorkerRegister;
import io.buildledger.builder.substantiating.LatentWorkers;
import io.buildledger.builder.workers.AttachedWorkers;
import io.buildledger.builder.workers.WorkerSteering;
import io.buildledger.log.Author;
import java.time.InstantSource;
import java.util.List;

/** Of a file that has none. */
final class NoLatentWorkers {

    private NoLatentWorkers() {}

    static LatentWorkers with(
            AttachedWorkers attached,
            WorkerSteering steering,
            WorkerRegister register,
            Author author) {
        return new LatentWorkers(
                List.of(),
                attached,
                steering,
                register,
                author,
                (latent, _) -> {
                    throw new AssertionError(latent + " is latent");
                },
                Runnable::run,
                InstantSource.system(),
                System::nanoTime);
    }
}
