package io.buildledger.sealing;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was checked of a chain and what was found.
 *
 * @param log which log it is, as {@link Checkpoint#log}; null before anything is sealed
 * @param blocks how many were checked, which have events
 * @param events how many of the log were held against them
 * @param sealedUpTo index of the last event that is sealed; 0 before anything is
 * @param unsealed how many events come after it: what becomes of them is not found
 * @param unsealedSince when the first of those was recorded; null if there are none
 * @param checkpoints how many of those that were given the chain goes through
 * @param checkpoint where the chain is now, to be given the next time; null before anything is
 *     sealed, and where something was found
 * @param violationsInAll also those beyond what {@code violations} names
 * @param violations the first thousand
 */
public record ChainVerdict(
        @Nullable String log,
        long blocks,
        long events,
        long sealedUpTo,
        long unsealed,
        @Nullable Instant unsealedSince,
        int checkpoints,
        @Nullable Checkpoint checkpoint,
        long violationsInAll,
        List<ChainFinding> violations) {}
